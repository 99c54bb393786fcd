import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Sentences of reports. */
export const say = sayIn(
  catalog({
    'correct-row': { en: 'Correct this row as the reason says.', zh: '请按原因修改这一行。' },
    'url-of-row': {
      en: ({ number, reason }: { number: number; reason: string }) => `URL ${number} of this row: ${reason}`,
      zh: ({ number, reason }) => `这一行第 ${number} 个链接：${reason}`,
    },
    'status.queued': { en: 'queued', zh: '排队中' },
    'status.processing': { en: 'processing', zh: '处理中' },
    'status.published': { en: 'published', zh: '已发布' },
    'status.failed': { en: 'failed', zh: '失败' },
    'status.canceled': { en: 'canceled', zh: '已取消' },
    'status.deleted': { en: 'deleted', zh: '已删除' },
  }),
);
