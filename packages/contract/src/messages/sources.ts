import { catalog } from './catalog.js';
import { list, size } from './values.js';

/** An address that the caller gave, one that the source redirects to, or the URL of a webhook. */
export type Hop = {
  hop: 'given' | 'redirect' | 'webhook';
};

const address = {
  en({ hop }: Hop): string {
    if (hop === 'webhook') return 'The webhook URL';
    return hop === 'redirect' ? 'The address that the source redirects to' : 'The source address';
  },
  zh({ hop }: Hop): string {
    if (hop === 'webhook') return 'webhook 地址';
    return hop === 'redirect' ? '来源重定向到的地址' : '来源地址';
  },
};

const allowing = {
  en: ({ hop }: Hop) =>
    `The operator can allow a private target, on any port, with ${allowSetting(hop)}=host:port alone.`,
  zh: ({ hop }: Hop) => `内网目标（任意端口）只需由运维在 ${allowSetting(hop)} 中写入 host:port。`,
};

const allowSetting = (hop: Hop['hop']) => (hop === 'webhook' ? 'WEBHOOK_ALLOW' : 'SOURCE_ALLOW');

/** The system error code of a failed connection, such as ECONNREFUSED. */
type Cause = {
  cause?: string | undefined;
};

const end = {
  en: ({ cause }: Cause) => (cause === undefined ? '.' : ` (${cause}).`),
  zh: ({ cause }: Cause) => (cause === undefined ? '。' : `（${cause}）。`),
};

type Seconds = {
  seconds: number;
};

/** Problems of fetching an image by URL. */
export const sourceMessages = catalog({
  'source-not-a-url': {
    en: (at: Hop) => `${address.en(at)} is not a URL.`,
    zh: (at) => `${address.zh(at)}不是有效的 URL。`,
  },
  'source-not-http-url': {
    en: (at: Hop) => `${address.en(at)} is not an http or https URL.`,
    zh: (at) => `${address.zh(at)}不是 http 或 https 地址。`,
  },
  'source-with-credentials': {
    en: (at: Hop) => `${address.en(at)} contains a user name or a password.`,
    zh: (at) => `${address.zh(at)}含有用户名或密码。`,
  },
  'source-port': {
    en: ({ ports, ...at }: Hop & { ports: readonly string[] }) =>
      `${address.en(at)} has a port other than ${list.en(ports)}. The operator can allow other ports of public hosts with SOURCE_PORTS, and a private target, on any port, with ${allowSetting(at.hop)}=host:port alone.`,
    zh: ({ ports, ...at }) =>
      `${address.zh(at)}的端口不是 ${list.zh(ports)}。公网主机的其他端口须由运维在 SOURCE_PORTS 中列出；${allowing.zh(at)}`,
  },
  'source-special-name': {
    en: (at: Hop) =>
      `${address.en(at)} has a host name that does not belong to the public Internet. ${allowing.en(at)}`,
    zh: (at) => `${address.zh(at)}的主机名不是公网域名。${allowing.zh(at)}`,
  },
  'source-not-public': {
    en: (at: Hop) =>
      `${address.en(at)} leads to an IP address that does not belong to the public Internet. ${allowing.en(at)}`,
    zh: (at) => `${address.zh(at)}指向非公网 IP。${allowing.zh(at)}`,
  },

  'source-name-unresolved': {
    en: (at: Cause) => `The host name of the source could not be resolved${end.en(at)}`,
    zh: (at) => `无法解析来源的主机名${end.zh(at)}`,
  },
  'source-not-connected': {
    en: (at: Cause) => `No connection to the source could be made${end.en(at)}`,
    zh: (at) => `无法连接到来源${end.zh(at)}`,
  },
  'source-not-http': {
    en: (at: Cause) => `The source did not send a valid HTTP response${end.en(at)}`,
    zh: (at) => `来源没有返回有效的 HTTP 响应${end.zh(at)}`,
  },
  'source-cut-off': {
    en: (at: Cause) => `The response of the source broke off${end.en(at)}`,
    zh: (at) => `来源的响应中断${end.zh(at)}`,
  },

  'source-connect-timeout': {
    en: ({ seconds }: Seconds) => `No connection to the source was made within ${seconds} seconds.`,
    zh: ({ seconds }) => `${seconds} 秒内未能连接到来源。`,
  },
  'source-headers-timeout': {
    en: ({ seconds }: Seconds) => `The source did not respond within ${seconds} seconds.`,
    zh: ({ seconds }) => `来源在 ${seconds} 秒内没有响应。`,
  },
  'source-idle-timeout': {
    en: ({ seconds }: Seconds) => `The source sent nothing for ${seconds} seconds.`,
    zh: ({ seconds }) => `来源在 ${seconds} 秒内没有发送任何数据。`,
  },
  'source-total-timeout': {
    en: ({ seconds }: Seconds) => `The source did not finish its response within ${seconds} seconds.`,
    zh: ({ seconds }) => `${seconds} 秒内未能读完来源内容。`,
  },

  'source-status': {
    en: ({ status }: { status: number }) => `The source responded with HTTP ${status}.`,
    zh: ({ status }) => `来源返回 HTTP ${status}。`,
  },
  'source-redirect-without-location': {
    en: ({ status }: { status: number }) =>
      `The source responded with HTTP ${status} but without a Location.`,
    zh: ({ status }) => `来源返回 HTTP ${status}，但没有 Location。`,
  },
  'source-redirects': {
    en: ({ max }: { max: number }) => `The source redirects more than ${max} times.`,
    zh: ({ max }) => `来源重定向超过 ${max} 次。`,
  },
  'source-content-encoding': {
    en: 'The source responded with a Content-Encoding other than identity, gzip, deflate or br.',
    zh: '来源使用了 identity、gzip、deflate、br 以外的 Content-Encoding。',
  },
  'source-over-limit': {
    en: ({ max }: { max: number }) => `The source is larger than ${size.en(max)}.`,
    zh: ({ max }) => `来源文件超过 ${size.zh(max)}。`,
  },
});
