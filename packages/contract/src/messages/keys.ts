import { catalog } from './catalog.js';
import { list } from './values.js';

type Ended = {
  id: string;
  at: string;
};

/** Reasons for which a key or a token is refused. */
export const keyMessages = catalog({
  'not-bearer': {
    en: 'The header Authorization is not `Bearer KEY`: the word Bearer, a space, and the key without quotes.',
    zh: '请求头 Authorization 不是 Bearer KEY 的形式：Bearer 后面是一个空格和密钥，密钥不带引号。',
  },
  'key-unknown': {
    en: 'This server does not know the key. Copy the whole key, without quotes: `npm start` prints one; the operator makes others with `pixdock-ops keys create`, or sets API_KEYS.',
    zh: '此服务器没有这个密钥。请完整复制密钥，不带引号：npm start 会打印一个；其他密钥由运维用 pixdock-ops keys create 创建，或在 API_KEYS 中设置。',
  },
  'key-expired': {
    en: ({ id, at }: Ended) =>
      `The API key ${id} expired at ${at}. The operator makes another one: pixdock-ops keys create.`,
    zh: ({ id, at }) => `API 密钥 ${id} 已于 ${at} 过期。请让运维创建新的密钥：pixdock-ops keys create。`,
  },
  'key-revoked': {
    en: ({ id, at }: Ended) =>
      `The API key ${id} was revoked at ${at}. The operator makes another one: pixdock-ops keys create.`,
    zh: ({ id, at }) => `API 密钥 ${id} 已于 ${at} 被吊销。请让运维创建新的密钥：pixdock-ops keys create。`,
  },
  'token-unknown': {
    en: 'The upload token is incomplete, or this server does not know the key that made it. Get a new one from your server.',
    zh: '上传令牌不完整，或生成它的 API 密钥不在此服务器上。请向您的服务器重新获取。',
  },
  'token-expired': {
    en: ({ at }: { at: string }) => `The upload token expired at ${at}. Get a new one from your server.`,
    zh: ({ at }) => `上传令牌已于 ${at} 过期。请向您的服务器重新获取。`,
  },
  'token-key-ended': {
    en: ({ id }: { id: string }) => `The API key ${id}, which made this upload token, is expired or revoked.`,
    zh: ({ id }) => `生成该上传令牌的 API 密钥 ${id} 已过期或被吊销。`,
  },
  'token-not-allowed': {
    en: 'An upload token submits files to POST /v1/images, or as images to /v1/uploads, and reads the images that it submitted. Use an API key for other calls, on a server.',
    zh: '上传令牌只能通过 POST /v1/images 提交文件，或通过 /v1/uploads 提交图片，并读取由它提交的图片。其他接口请在服务器端使用 API 密钥调用。',
  },
  'token-url': {
    en: 'An upload token submits files and no URLs. Use an API key to submit a URL, on a server.',
    zh: '上传令牌只能提交文件，不能提交 URL。提交 URL 请在服务器端使用 API 密钥。',
  },
  'token-webhook': {
    en: 'An upload token has no webhooks. Leave `webhookUrl` out, or use an API key, on a server.',
    zh: '上传令牌不能使用 webhook。请不要填写 webhookUrl，或在服务器端使用 API 密钥。',
  },
  'token-replace': {
    en: 'An upload token cannot replace other images. Leave `replace` out, or use an API key, on a server.',
    zh: '上传令牌不能替换其他图片。请不要填写 replace，或在服务器端使用 API 密钥。',
  },
  'token-origin': {
    en: ({ origin, origins }: { origin: string; origins: readonly string[] }) =>
      `The origin of the request is "${origin}", and this upload token is only for ${list.en(origins)}. Name the origin of your page in \`origins\` of POST /v1/upload-tokens.`,
    zh: ({ origin, origins }) =>
      `页面的 Origin 是“${origin}”，而该上传令牌只允许 ${list.zh(origins)}。请在 POST /v1/upload-tokens 的 origins 中加上页面的 Origin。`,
  },
  'token-without-origin': {
    en: ({ origins }: { origins: readonly string[] }) =>
      `The request has no header Origin, as in mini programs, and this upload token is only for ${list.en(origins)}. Leave \`origins\` out of POST /v1/upload-tokens.`,
    zh: ({ origins }) =>
      `请求没带 Origin（小程序如此），而该上传令牌只允许 ${list.zh(origins)}。签发令牌（POST /v1/upload-tokens）时不要设 origins。`,
  },
  'token-profile': {
    en: ({ profile }: { profile: string }) =>
      `This upload token is only for the profile "${profile}". Leave \`profile\` out.`,
    zh: ({ profile }) => `该上传令牌仅限处理方案“${profile}”。请不要填写 profile。`,
  },
  'token-used-up': {
    en: ({ maxCount }: { maxCount: number }) =>
      `This upload token allows no more uploads: its \`maxCount\` is ${maxCount}. Get a new one from your server.`,
    zh: ({ maxCount }) => `该上传令牌的次数已用完（maxCount 为 ${maxCount}）。请向您的服务器重新获取。`,
  },
  'scope-missing': {
    en: ({ missing, owner, scopes }: { missing: readonly string[]; owner: string; scopes: string }) =>
      `This key does not have the ${missing.length === 1 ? 'scope' : 'scopes'} ${list.en(missing.map((scope) => `"${scope}"`))}. The operator makes ${missing.includes('admin') ? 'a separate key for people and monitoring' : 'a key that has it'}: pixdock-ops keys create --owner ${owner} --scopes ${scopes}.`,
    zh: ({ missing, owner, scopes }) =>
      `该密钥没有${list.zh(missing.map((scope) => `“${scope}”`))}权限。请让运维${missing.includes('admin') ? '为运维人员和监控单独创建密钥' : '创建有此权限的密钥'}：pixdock-ops keys create --owner ${owner} --scopes ${scopes}。`,
  },
});
