import { z } from 'zod';
import { type FieldReason, reason } from './messages/reason.js';

/** As long as browsers and servers in the field take. */
export const SOURCE_URL_MAX = 8192;

/** The only request headers of a caller that a fetch sends. */
export const SOURCE_HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'referer',
  'user-agent',
] as const;

/** An absolute http(s) URL, normalized. The worker checks the target before it connects. */
export const sourceUrlSchema = z
  .string()
  .max(SOURCE_URL_MAX)
  .transform((text, ctx) => {
    const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
    const fault = url === null ? 'not-an-absolute-url' : faultOf(url);
    if (url !== null && fault === null) return url.href;
    ctx.issues.push({ code: 'custom', message: reason(fault ?? 'not-an-absolute-url'), input: text });
    return z.NEVER;
  });

function faultOf(url: URL): FieldReason | null {
  if (url.protocol === 'data:') return 'data-url';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'not-an-http-url';
  if (url.username !== '' || url.password !== '') return 'url-has-credentials';
  return null;
}

const headerValue = z
  .string()
  .max(4096)
  .regex(/^[\x20-\x7e\x80-\xff]*$/, reason('not-a-header-value'));

/** Each name in several spellings. */
const HEADERS_BOUND = { maxMembers: 100, message: reason('header-not-allowed') };

/** Names come out in lower case. */
export const sourceHeadersSchema = plainRecord(headerValue, HEADERS_BOUND).transform((headers, ctx) => {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name] of lower)
    if (!SOURCE_HEADERS.some((allowed) => allowed === name))
      ctx.issues.push({
        code: 'custom',
        message: reason('header-not-allowed'),
        input: headers,
      });
  return Object.fromEntries(lower);
});

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null;

/** Limit on members, and the message for an object with more. */
interface Bound {
  maxMembers: number;
  message: string;
}

/**
 * An object of values by any name but `__proto__`, which zod's own record drops without a word. The number of members is checked
 * before any of them, since 64 KiB of members take 10 ms.
 */
export function plainRecord<T extends z.ZodType>(value: T, { maxMembers, message }: Bound) {
  return z
    .unknown()
    .refine((given) => !isObject(given) || Object.keys(given).length <= maxMembers, {
      message,
      abort: true,
    })
    .refine((given) => !Object.hasOwn(Object(given), '__proto__'), reason('has-proto-key'))
    .pipe(z.record(z.string(), value));
}
