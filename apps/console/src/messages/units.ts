import { catalog } from '@pixdock/contract/messages/catalog';

/** Statuses, units and words that several views use. */
export const unitMessages = catalog({
  'status.queued': { en: 'Queued', zh: '排队中' },
  'status.processing': { en: 'Processing', zh: '处理中' },
  'status.held': { en: 'Waiting for review', zh: '等待审核' },
  'status.published': { en: 'Published', zh: '已发布' },
  'status.failed': { en: 'Failed', zh: '失败' },
  'status.canceled': { en: 'Canceled', zh: '已取消' },
  'status.deleted': { en: 'Deleted', zh: '已删除' },
  'batch.running': { en: 'Running', zh: '进行中' },
  'batch.finished': { en: 'Finished', zh: '已完成' },
  'batch.canceled': { en: 'Canceled', zh: '已取消' },
  'stage.received': { en: 'Received', zh: '已接收' },
  'stage.fetching': { en: 'Fetching', zh: '抓取图片' },
  'stage.validating': { en: 'Checking', zh: '校验' },
  'stage.normalizing': { en: 'Normalizing', zh: '转正与压缩' },
  'stage.reviewing': { en: 'In review', zh: '审核' },
  'stage.uploading': { en: 'Storing', zh: '写入 OSS' },
  'stage.verifying': { en: 'Verifying', zh: '核对' },
  'stage.published': { en: 'Published', zh: '已发布' },
  seconds: {
    en: ({ count }: { count: string }) => `${count} s`,
    zh: ({ count }) => `${count} 秒`,
  },
  minutes: {
    en: ({ count }: { count: string }) => `${count} min`,
    zh: ({ count }) => `${count} 分钟`,
  },
  hours: {
    en: ({ count }: { count: string }) => `${count} h`,
    zh: ({ count }) => `${count} 小时`,
  },
  'per-second': {
    en: ({ amount }: { amount: string }) => `${amount}/s`,
    zh: ({ amount }) => `${amount}/秒`,
  },
  left: {
    en: ({ time }: { time: string }) => `${time} left`,
    zh: ({ time }) => `剩余 ${time}`,
  },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  retry: { en: 'Retry', zh: '重试' },
  remove: { en: 'Delete', zh: '删除' },
  keep: { en: 'Keep', zh: '保留' },
  'go-back': { en: 'Go back', zh: '返回' },
  close: { en: 'Close', zh: '关闭' },
  loading: { en: 'Loading …', zh: '正在加载……' },
  reload: { en: 'Try again', zh: '再试一次' },
  'any-problem': { en: 'That did not work', zh: '操作未成功' },
});
