import { repairedUrl } from '../repaired-url.js';
import { catalog } from './catalog.js';
import { type Place, subject } from './place.js';
import { list, size, valueEnd } from './values.js';

type Quoted = Place & {
  value?: string | undefined;
};

/** What a URL with full-width punctuation probably means, unless the value is cut off. A stored parameter may be anything. */
const meantUrl = {
  en: (value: unknown) => withRepaired(value, (url) => ` It probably means ${url}`),
  zh: (value: unknown) => withRepaired(value, (url) => `应为 ${url}`),
};

function withRepaired(value: unknown, sentence: (url: string) => string): string {
  const url = typeof value === 'string' && !value.includes('…') ? repairedUrl(value) : null;
  return url === null ? '' : sentence(url);
}

/** Problems of one value of a request. */
export const fieldMessages = catalog({
  missing: {
    en: ({ known = [], ...at }: Place & { known?: readonly string[] | undefined }) =>
      `${subject.en(at)} is missing.${known.length === 0 ? '' : ` It is a list of ${list.en(known)}.`}`,
    zh: ({ known = [], ...at }) =>
      `${subject.zh(at)}缺失。${known.length === 0 ? '' : `它是由以下值组成的列表：${list.zh(known)}。`}`,
  },
  'unknown-field': {
    en: ({ known = [], ...at }: Place & { known?: readonly string[] | undefined }) =>
      `${subject.en(at)} is not a known field.${known.length === 0 ? '' : ` Known are ${list.en(known)}.`}`,
    zh: ({ known = [], ...at }) =>
      `${subject.zh(at)}无法识别。${known.length === 0 ? '' : `可用的字段：${list.zh(known)}。`}`,
  },
  'misspelled-field': {
    en: ({ meant, ...at }: Place & { meant: string }) =>
      `${subject.en(at)} is not a known field. Write it as \`${meant}\`.`,
    zh: ({ meant, ...at }) => `${subject.zh(at)}无法识别，请写成 ${meant}。`,
  },
  repeated: {
    en: (at: Place) => `${subject.en(at)} is given twice.`,
    zh: (at) => `${subject.zh(at)}出现了两次。`,
  },
  invalid: {
    en: (at: Place) => `${subject.en(at)} is not valid.`,
    zh: (at) => `${subject.zh(at)}无效。`,
  },
  'not-an-object': {
    en: (at: Place) => `${subject.en(at)} is not an object.`,
    zh: (at) => `${subject.zh(at)}不是对象。`,
  },
  'not-an-array': {
    en: (at: Place) => `${subject.en(at)} is not an array.`,
    zh: (at) => `${subject.zh(at)}不是数组。`,
  },
  'not-a-string': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not a string.${value === undefined ? '' : ` Write it in quotes: "${value}".`}`,
    zh: ({ value, ...at }) =>
      `${subject.zh(at)}不是字符串。${value === undefined ? '' : `请加引号，写成 "${value}"。`}`,
  },
  empty: {
    en: (at: Place) => `${subject.en(at)} is empty.`,
    zh: (at) => `${subject.zh(at)}为空。`,
  },
  'too-long': {
    en: ({ max, ...at }: Place & { max: number }) => `${subject.en(at)} has more than ${max} characters.`,
    zh: ({ max, ...at }) => `${subject.zh(at)}超过 ${max} 个字符。`,
  },
  'control-characters': {
    en: (at: Place) =>
      `${subject.en(at)} contains line breaks, control characters or marks of the writing direction. Leave them out.`,
    zh: (at) => `${subject.zh(at)}含有换行、控制字符或书写方向标记，请去掉。`,
  },
  'lone-surrogate': {
    en: (at: Place) => `${subject.en(at)} contains half of a character (a lone surrogate).`,
    zh: (at) => `${subject.zh(at)}含有不完整的字符（孤立代理项）。`,
  },
  'not-an-option': {
    en: ({ options, value, ...at }: Quoted & { options: readonly string[] }) =>
      `${subject.en(at)} is not one of ${list.en(options)}${valueEnd.en(value)}`,
    zh: ({ options, value, ...at }) =>
      `${subject.zh(at)}的值${value === undefined ? '' : `“${value}”`}不是以下之一：${list.zh(options)}。`,
  },
  'misspelled-option': {
    en: ({ meant, value, ...at }: Place & { value: string; meant: string }) =>
      `${subject.en(at)} has the unknown value "${value}". Write it as \`${meant}\`.`,
    zh: ({ meant, value, ...at }) => `${subject.zh(at)}的值“${value}”未知。请写成 ${meant}。`,
  },
  'not-a-page-size': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not a whole number from 1 to 100${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是 1 到 100 的整数${valueEnd.zh(value)}`,
  },
  'not-a-byte-count': {
    en: (at: Place) => `${subject.en(at)} is not a whole number of bytes above 0.`,
    zh: (at) => `${subject.zh(at)}不是大于 0 的整数字节数。`,
  },
  'not-an-upload-count': {
    en: (at: Place) => `${subject.en(at)} is not a whole number from 1 to 1000.`,
    zh: (at) => `${subject.zh(at)}不是 1 到 1000 的整数。`,
  },
  'not-a-token-lifetime': {
    en: (at: Place) => `${subject.en(at)} is not a whole number of seconds from 1 to 900.`,
    zh: (at) => `${subject.zh(at)}不是 1 到 900 的整数秒数。`,
  },
  'not-a-url-lifetime': {
    en: (at: Place) => `${subject.en(at)} is not a whole number of seconds from 1 to 604800 (7 days).`,
    zh: (at) => `${subject.zh(at)}不是 1 到 604800（7 天）的整数秒数。`,
  },
  'not-an-origin': {
    en: (at: Place) => `${subject.en(at)} is not an origin such as https://shop.example.com, without a path.`,
    zh: (at) => `${subject.zh(at)}不是 Origin；请写成 https://shop.example.com 这样，不带路径。`,
  },
  'not-origins': {
    en: (at: Place) => `${subject.en(at)} is not a list of 1 to 10 origins such as https://shop.example.com.`,
    zh: (at) => `${subject.zh(at)}不是 1 到 10 个 Origin 的列表；每个请写成 https://shop.example.com 这样。`,
  },
  'not-a-boolean': {
    en: (at: Place) => `${subject.en(at)} is neither true nor false.`,
    zh: (at) => `${subject.zh(at)}只能是 true 或 false。`,
  },
  'not-a-time': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not a time${valueEnd.en(value)} Write it as 2026-01-05T08:00:00Z or 2026-01-05T16:00:00+08:00, as a date, which begins at 00:00 UTC, or as seconds since 1970.`,
    zh: ({ value, ...at }) =>
      `${subject.zh(at)}不是时间${valueEnd.zh(value)}请写成 2026-01-05T08:00:00Z 或 2026-01-05T16:00:00+08:00，也可写日期（从 UTC 00:00 起）或 1970 年以来的秒数。`,
  },
  'not-a-deletion-time': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not a whole number of seconds from 1 to 31536000 (365 days)${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是 1 到 31536000（365 天）的整数秒数${valueEnd.zh(value)}`,
  },
  'not-image-ids': {
    en: (at: Place) => `${subject.en(at)} is not a list of 1 to 200 image ids, such as img_5f0c….`,
    zh: (at) => `${subject.zh(at)}不是 1 到 200 个图片 id 的列表；id 形如 img_5f0c…。`,
  },
  'replace-without-external-id': {
    en: (at: Place) =>
      `${subject.en(at)} needs an externalId: it deletes the older images with the same externalId.`,
    zh: (at) => `${subject.zh(at)}需要 externalId：它会删除使用同一编号的旧图片。`,
  },
  'not-event-types': {
    en: ({ known, ...at }: Place & { known: readonly string[] }) =>
      `${subject.en(at)} is not a list of these values: ${list.en(known)}.`,
    zh: ({ known, ...at }) => `${subject.zh(at)}不是由以下值组成的列表：${list.zh(known)}。`,
  },
  'not-seconds': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not a whole number of seconds${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是整数秒数${valueEnd.zh(value)}`,
  },
  'too-many-digests': {
    en: ({ max, ...at }: Place & { max: number }) =>
      `${subject.en(at)} has more than ${max} digests. Split the request.`,
    zh: ({ max, ...at }) => `${subject.zh(at)}超过 ${max} 个摘要。请拆分请求。`,
  },
  'not-a-sha256': {
    en: ({ value, ...at }: Quoted) => `${subject.en(at)} is not 64 hexadecimal digits${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是 64 位十六进制数${valueEnd.zh(value)}`,
  },
  'not-an-upload-id': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not the \`id\` of a direct upload, which begins with upl_${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是直传的 id（以 upl_ 开头）${valueEnd.zh(value)}`,
  },
  'not-a-profile-name': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not the name of a profile${valueEnd.en(value)} A name begins with a lowercase letter; lowercase letters, digits and hyphens follow, 32 in all at most.`,
    zh: ({ value, ...at }) =>
      `${subject.zh(at)}不是处理方案的名称${valueEnd.zh(value)}名称以小写字母开头，后面是小写字母、数字和连字符，最多 32 个字符。`,
  },
  'no-such-profile': {
    en: ({ names, value, ...at }: Quoted & { names: readonly string[] }) =>
      `${subject.en(at)} names no profile of this server${valueEnd.en(value)} Use one of ${list.en(names)}.`,
    zh: ({ names, value, ...at }) =>
      `${subject.zh(at)}不是这台服务器上的处理方案${valueEnd.zh(value)}请使用以下之一：${list.zh(names)}。`,
  },
  'metadata-not-json': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not JSON${valueEnd.en(value)} Write an object of strings, for example {"album":"7"}.`,
    zh: ({ value, ...at }) =>
      `${subject.zh(at)}不是 JSON${valueEnd.zh(value)}请写成值为字符串的对象，例如 {"album":"7"}。`,
  },
  'metadata-too-large': {
    en: ({ max, ...at }: Place & { max: number }) => `${subject.en(at)} is larger than ${size.en(max)}.`,
    zh: ({ max, ...at }) => `${subject.zh(at)}超过 ${size.zh(max)}。`,
  },
  'has-proto-key': {
    en: (at: Place) => `${subject.en(at)} has a key named __proto__. Rename it.`,
    zh: (at) => `${subject.zh(at)}含有名为 __proto__ 的键。请改名。`,
  },
  'not-an-absolute-url': {
    en: ({ value, ...at }: Quoted) =>
      `${subject.en(at)} is not an absolute URL${valueEnd.en(value)}${meantUrl.en(value)}`,
    zh: ({ value, ...at }) =>
      `${subject.zh(at)}不是完整的链接（http:// 或 https:// 开头）${valueEnd.zh(value)}${meantUrl.zh(value)}`,
  },
  'not-an-http-url': {
    en: ({ value, ...at }: Quoted) => `${subject.en(at)} is not an http or https URL${valueEnd.en(value)}`,
    zh: ({ value, ...at }) => `${subject.zh(at)}不是 http 或 https 链接${valueEnd.zh(value)}`,
  },
  'data-url': {
    en: (at: Place) =>
      `${subject.en(at)} is a data: URL. Base64 is not decoded: send the bytes of the image to POST /v1/images.`,
    zh: (at) =>
      `${subject.zh(at)}是 data: 链接。服务器不解码 Base64，请把图片内容直接发送到 POST /v1/images。`,
  },
  'url-has-credentials': {
    en: (at: Place) =>
      `${subject.en(at)} contains a user name or a password. Remove them. An image can be fetched with an Authorization header in \`headers\`, which JSON and NDJSON have and CSV has not.`,
    zh: (at) =>
      `${subject.zh(at)}含有用户名或密码，请去掉；抓取图片需要认证时，请改用 JSON 或 NDJSON，在 headers 中写 Authorization（CSV 没有 headers）。`,
  },
  'header-not-allowed': {
    en: ({ allowed, ...at }: Place & { allowed: readonly string[] }) =>
      `${subject.en(at)} may contain only ${list.en(allowed)}.`,
    zh: ({ allowed, ...at }) => `${subject.zh(at)}只能包含 ${list.zh(allowed)}。`,
  },
  'not-a-header-value': {
    en: (at: Place) => `${subject.en(at)} contains characters that are not allowed in a header.`,
    zh: (at) => `${subject.zh(at)}含有请求头不允许的字符。`,
  },
});
