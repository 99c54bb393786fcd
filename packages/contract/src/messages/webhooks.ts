import { catalog } from './catalog.js';

/** Problems of webhook endpoints. */
export const webhookMessages = catalog({
  'endpoint-disabled': {
    en: 'The endpoint responded 410 and is disabled. Create it again.',
    zh: '端点返回过 410，已停用。请重新创建。',
  },
  'too-many-endpoints': {
    en: ({ max }: { max: number }) => `You already have ${max} endpoints. Delete one of them first.`,
    zh: ({ max }) => `端点已达 ${max} 个。请先删除其中一个。`,
  },
});
