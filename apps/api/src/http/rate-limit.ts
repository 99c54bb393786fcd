import type { Quota } from '../limits/over-limit.js';
import type { ApiContext } from './env.js';

/** Sets `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). */
export function setRateLimit(c: ApiContext, quota: Quota, remaining: number, resetSeconds: number): void {
  const { name, limit, windowSeconds, unit } = quota;
  const window = windowSeconds === undefined ? '' : `;w=${windowSeconds}`;
  const quotaUnit = unit === undefined ? '' : `;qu="${unit}"`;
  c.header('RateLimit-Policy', `"${name}";q=${limit}${quotaUnit}${window}`);
  c.header('RateLimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}
