import type { Status } from '../status.js';
import { catalog } from './catalog.js';
import type { Text } from './text.js';

/** The words for the statuses of images. */
export const statusWords = catalog({
  'status.queued': { en: 'queued', zh: '排队中' },
  'status.processing': { en: 'processing', zh: '处理中' },
  'status.published': { en: 'published', zh: '已发布' },
  'status.failed': { en: 'failed', zh: '失败' },
  'status.canceled': { en: 'canceled', zh: '已取消' },
  'status.deleted': { en: 'deleted', zh: '已删除' },
} satisfies Record<`status.${Status}`, Text>);
