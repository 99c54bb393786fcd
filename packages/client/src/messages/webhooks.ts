import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Why a webhook is not trusted. */
export const say = sayIn(
  catalog({
    'header-missing': {
      en: 'The request lacks webhook-id, webhook-timestamp or webhook-signature.',
      zh: '请求缺少 webhook-id、webhook-timestamp 或 webhook-signature。',
    },
    'timestamp-off': {
      en: 'webhook-timestamp differs from the clock of this machine by more than five minutes.',
      zh: 'webhook-timestamp 与本机时钟相差超过五分钟。',
    },
    'signature-wrong': {
      en: 'No signature matches: the secret is that of another endpoint, or the body was changed.',
      zh: '没有匹配的签名：密钥属于其他端点，或正文已被更改。',
    },
  }),
);
