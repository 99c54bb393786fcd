import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Titles and details of the errors that the client itself raises. */
export const say = sayIn(
  catalog({
    'invalid-key': {
      en: 'The API key may contain only ASCII letters, digits and signs, without spaces. Copy the whole key again.',
      zh: 'API 密钥只能由英文字母、数字和半角符号组成，不含中文、全角符号或空格。请重新完整复制密钥。',
    },
    unreachable: { en: 'No response', zh: '没有响应' },
    'unreachable.detail': {
      en: ({ origin, reason }: { origin: string; reason: string }) =>
        `${origin} does not respond (${reason}).`,
      zh: ({ origin, reason }) => `${origin} 没有响应（${reason}）。`,
    },
    'unexpected-response': { en: 'Not a response from Pixdock', zh: '不是 Pixdock 的响应' },
    'unexpected-response.detail': {
      en: ({ origin, status, mediaType }: Response) =>
        `${origin ?? 'The server'} responded with ${status} and ${mediaType ?? 'no media type'}, which is not a response from Pixdock. A proxy or another service may have sent it.`,
      zh: ({ origin, status, mediaType }) =>
        `${origin ?? '服务器'} 返回了 ${status}（${mediaType ?? '没有媒体类型'}），这不是 Pixdock 的响应，可能来自代理或其他服务。`,
    },
  }),
);

interface Response {
  origin: string | undefined;
  status: number;
  mediaType: string | null;
}
