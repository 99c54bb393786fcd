import type { Quota } from '../limits/over-limit.js';
import type { ApiContext } from './env.js';
import { setPlainHeader } from './plain-headers.js';

/** Sets `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). */
export function setRateLimit(c: ApiContext, quota: Quota, remaining: number, resetSeconds: number): void {
  const { name, limit, windowSeconds, unit } = quota;
  const window = windowSeconds === undefined ? '' : `;w=${windowSeconds}`;
  const quotaUnit = unit === undefined ? '' : `;qu="${unit}"`;
  setPlainHeader(c, 'RateLimit-Policy', `"${name}";q=${limit}${quotaUnit}${window}`);
  setPlainHeader(c, 'RateLimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}
