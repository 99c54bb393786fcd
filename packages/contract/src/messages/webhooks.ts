import { catalog } from './catalog.js';

/** Problems of webhook endpoints. */
export const webhookMessages = catalog({
  'endpoint-disabled': {
    en: 'The endpoint responded 410 and is disabled. Create it again.',
    zh: '端点返回过 410，已停用。请重新创建。',
  },
  'webhook-url-not-allowed': {
    en: ({ origin }: { origin: string }) =>
      `You have no webhook endpoint at ${origin}. Create one first: its secret signs the events, and its \`events\` may be empty.`,
    zh: ({ origin }) => `您在 ${origin} 没有 webhook 端点。请先创建：事件用它的密钥签名，events 可以为空。`,
  },
  'too-many-secrets': {
    en: ({ max }: { max: number }) =>
      `The endpoint already has ${max} valid secrets. Each ends 24 hours after the next one was made.`,
    zh: ({ max }) => `该端点已有 ${max} 个有效的签名密钥。新密钥生成 24 小时后，前一个失效。`,
  },
  'too-many-endpoints': {
    en: ({ max }: { max: number }) => `You already have ${max} endpoints. Delete one of them first.`,
    zh: ({ max }) => `端点已达 ${max} 个。请先删除其中一个。`,
  },
});
