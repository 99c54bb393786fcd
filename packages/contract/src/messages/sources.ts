import { catalog } from './catalog.js';
import { list, type OverLimit, overLimit, size, sizeOver } from './values.js';

/** An address that the caller gave, one that the source redirects to, or the URL of a webhook. */
export type Hop = {
  hop: 'given' | 'redirect' | 'webhook' | 'reviewer';
  /** `host:port` of an address that the caller knows. */
  target?: string;
};

const address = {
  en({ hop }: Hop): string {
    if (hop === 'webhook') return 'The webhook URL';
    if (hop === 'reviewer') return 'The URL of the reviewer';
    return hop === 'redirect' ? 'The address that the source redirects to' : 'The source address';
  },
  zh({ hop }: Hop): string {
    if (hop === 'webhook') return 'webhook 地址';
    if (hop === 'reviewer') return '审核服务的地址';
    return hop === 'redirect' ? '图片链接跳转后的地址' : '图片链接';
  },
};

const allowing = {
  en: ({ hop, target = 'host:port' }: Hop) =>
    `The operator can allow a private target, on any port, by adding ${target} to ${allowSetting(hop)}.`,
  zh: ({ hop, target = 'host:port' }: Hop) =>
    `确需${deed(hop)}，请让运维把 ${target}（端口不限）加入 ${allowSetting(hop)}。`,
};

const isTarget = (hop: Hop['hop']) => hop === 'webhook' || hop === 'reviewer';
const allowSetting = (hop: Hop['hop']) => (isTarget(hop) ? 'WEBHOOK_ALLOW' : 'SOURCE_ALLOW');
const deed = (hop: Hop['hop']) => (isTarget(hop) ? '投递' : '抓取');

/** The hop of a webhook is its receiver; any other is the server of an image. */
type Server = Partial<Hop>;

const server = {
  en: ({ hop }: Server) => (hop === 'webhook' ? 'receiver' : 'source'),
  zh: ({ hop }: Server) => (hop === 'webhook' ? '接收方' : '图片服务器'),
};

/** The system error code of a failed connection, such as ECONNREFUSED. */
type Cause = Server & {
  cause?: string | undefined;
};

const end = {
  en: ({ cause }: Cause) => (cause === undefined ? '.' : ` (${cause}).`),
  zh: ({ cause }: Cause) => (cause === undefined ? '。' : `（${cause}）。`),
};

type Seconds = Server & {
  seconds: number;
};

/** Problems of fetching an image by URL. */
export const sourceMessages = catalog({
  'source-not-a-url': {
    en: (at: Hop) => `${address.en(at)} is not a URL.`,
    zh: (at) => `${address.zh(at)}不是有效的链接。`,
  },
  'source-not-http-url': {
    en: (at: Hop) => `${address.en(at)} is not an http or https URL.`,
    zh: (at) => `${address.zh(at)}不是 http 或 https 链接。`,
  },
  'source-with-credentials': {
    en: (at: Hop) => `${address.en(at)} contains a user name or a password.`,
    zh: (at) => `${address.zh(at)}含有用户名或密码，请去掉。`,
  },
  'source-port': {
    en: ({ ports, ...at }: Hop & { ports: readonly string[] }) =>
      `${address.en(at)} has a port other than ${list.en(ports)}. The operator can allow other ports of public hosts with SOURCE_PORTS, and a private target, on any port, by adding host:port to ${allowSetting(at.hop)}.`,
    zh: ({ ports, ...at }) =>
      `${address.zh(at)}的端口不是 ${list.zh(ports)}。公网主机的其他端口请让运维加入 SOURCE_PORTS；如果是内网地址，${allowing.zh(at)}`,
  },
  'source-special-name': {
    en: (at: Hop) =>
      `${address.en(at)} has a host name that does not belong to the public Internet. ${allowing.en(at)}`,
    zh: (at) => `${address.zh(at)}的主机名不是公网域名，默认不${deed(at.hop)}；${allowing.zh(at)}`,
  },
  'source-not-public': {
    en: (at: Hop) =>
      `${address.en(at)} leads to an IP address that does not belong to the public Internet. ${allowing.en(at)}`,
    zh: (at) =>
      `${at.hop === 'given' ? '这' : address.zh(at)}是内网地址，默认不${deed(at.hop)}；${allowing.zh(at)}`,
  },

  'source-name-unresolved': {
    en: (at: Cause) => `The host name of the ${server.en(at)} could not be resolved${end.en(at)}`,
    zh: (at) => `找不到${server.zh(at)}的域名，请核对地址${end.zh(at)}`,
  },
  'source-not-connected': {
    en: (at: Cause) => `No connection to the ${server.en(at)} could be made${end.en(at)}`,
    zh: (at) => `连不上${server.zh(at)}${end.zh(at)}`,
  },
  'source-not-http': {
    en: (at: Cause) => `The ${server.en(at)} did not send a valid HTTP response${end.en(at)}`,
    zh: (at) => `${server.zh(at)}返回的不是有效的 HTTP 响应${end.zh(at)}`,
  },
  'source-cut-off': {
    en: (at: Cause) => `The response of the ${server.en(at)} broke off${end.en(at)}`,
    zh: (at) => `${server.zh(at)}的响应没有传完就断了${end.zh(at)}`,
  },

  'source-connect-timeout': {
    en: ({ seconds, ...at }: Seconds) =>
      `No connection to the ${server.en(at)} was made within ${seconds} seconds.`,
    zh: ({ seconds, ...at }) => `${seconds} 秒内没有连上${server.zh(at)}。`,
  },
  'source-headers-timeout': {
    en: ({ seconds, ...at }: Seconds) => `The ${server.en(at)} did not respond within ${seconds} seconds.`,
    zh: ({ seconds, ...at }) => `${server.zh(at)} ${seconds} 秒没有响应。`,
  },
  'source-idle-timeout': {
    en: ({ seconds, ...at }: Seconds) => `The ${server.en(at)} sent nothing for ${seconds} seconds.`,
    zh: ({ seconds, ...at }) => `${server.zh(at)} ${seconds} 秒没有发来任何数据。`,
  },
  'source-total-timeout': {
    en: ({ seconds, ...at }: Seconds) =>
      `The ${server.en(at)} did not finish its response within ${seconds} seconds.`,
    zh: ({ seconds, ...at }) => `${server.zh(at)}没有在 ${seconds} 秒内传完。`,
  },

  'source-status': {
    en: ({ status }: { status: number }) => `The source responded with HTTP ${status}.`,
    zh: ({ status }) => `链接打不开（${status}），请在浏览器中核对。`,
  },
  'source-redirect-without-location': {
    en: ({ status }: { status: number }) =>
      `The source responded with HTTP ${status} but without a Location.`,
    zh: ({ status }) => `链接返回 ${status}，却没有给出跳转地址（Location）。`,
  },
  'source-redirects': {
    en: ({ max }: { max: number }) => `The source redirects more than ${max} times.`,
    zh: ({ max }) => `链接跳转超过 ${max} 次。`,
  },
  'source-content-encoding': {
    en: 'The source responded with a Content-Encoding other than identity, gzip, deflate or br.',
    zh: '图片服务器使用了 identity、gzip、deflate、br 以外的 Content-Encoding。',
  },
  'source-empty': {
    en: 'The source responded with an empty file (0 bytes). Put the image at this address, then submit it again.',
    zh: '链接返回的是空文件（0 字节）。请在浏览器中核对，让链接返回图片后重新提交。',
  },
  'source-over-limit': {
    en: ({ max, bytes }: OverLimit) =>
      bytes === undefined
        ? `The source is larger than ${size.en(max)}.`
        : `The source has ${sizeOver.en(bytes, max)}, more than ${size.en(max)}.`,
    zh: (file) => `图片${overLimit.zh(file)}`,
  },
});
