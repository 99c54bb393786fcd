import { catalog } from './catalog.js';

/** Problems of webhook endpoints. */
export const webhookMessages = catalog({
  'too-many-endpoints': {
    en: ({ max }: { max: number }) => `You already have ${max} endpoints. Delete one of them first.`,
    zh: ({ max }) => `端点已达 ${max} 个。请先删除其中一个。`,
  },
});
