import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Titles and details of the errors that the client itself raises. */
export const say = sayIn(
  catalog({
    'invalid-key': {
      en: 'The API key may contain only ASCII letters, digits and signs, without spaces. Copy the whole key again.',
      zh: 'API 密钥只能由英文字母、数字和半角符号组成，不含中文、全角符号或空格。请重新完整复制密钥。',
    },
    'no-key': {
      en: 'apiKey is not set. `npm start` prints the key of a server on this machine; for another server, ask its operator.',
      zh: '缺少 apiKey。本机服务的密钥由 npm start 打印；其他服务器请找它的运维。',
    },
    'no-base-url': {
      en: 'baseUrl is not set. Write the address of the server, such as http://127.0.0.1:3000.',
      zh: '缺少 baseUrl。请填写服务地址，例如 http://127.0.0.1:3000。',
    },
    'invalid-base-url': {
      en: ({ baseUrl }: { baseUrl: string }) =>
        `baseUrl: "${baseUrl}" is not an http(s) URL. Begin it with http:// or https://, such as http://127.0.0.1:3000.`,
      zh: ({ baseUrl }) =>
        `baseUrl：“${baseUrl}”不是 http(s) 地址。请以 http:// 或 https:// 开头，例如 http://127.0.0.1:3000。`,
    },
    'body-not-raw': {
      en: 'The body is neither a string nor bytes. Pass the raw body, as received: in Express, that of express.raw({ type: "application/json" }).',
      zh: '请求体既不是字符串，也不是字节。请传入收到的原始请求体：在 Express 中使用 express.raw({ type: "application/json" })。',
    },
    'invalid-webhook-secret': {
      en: 'The secret is not that of a webhook endpoint, whsec_…. The server shows it when it creates the endpoint or replaces its secret.',
      zh: '密钥不是 Webhook 端点的密钥（whsec_…）。创建端点或更换其密钥时，服务器会显示该密钥。',
    },
    'no-matching-signature': {
      en: 'No matching signature: the endpoint has another secret, or the body was parsed and serialized again. Pass the body as received.',
      zh: '签名不匹配：端点使用的是另一个密钥，或请求体被解析后又重新序列化。请传入收到的原始请求体。',
    },
    unreachable: { en: 'No response', zh: '没有响应' },
    'unreachable.detail': {
      en: ({ origin, reason }: { origin: string; reason: string }) =>
        `${origin} does not respond (${reason}).`,
      zh: ({ origin, reason }) => `${origin} 没有响应（${reason}）。`,
    },
    'untrusted.detail': {
      en: ({ origin, reason }: { origin: string; reason: string }) =>
        `The certificate of ${origin} is not trusted (${reason}). If it is yours, name its CA: NODE_EXTRA_CA_CERTS=ca.pem.`,
      zh: ({ origin, reason }) =>
        `不信任 ${origin} 的证书（${reason}）。如果是自签证书，请设置 NODE_EXTRA_CA_CERTS=ca.pem（其 CA 证书）。`,
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
