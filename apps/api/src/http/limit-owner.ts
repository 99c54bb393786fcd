import type { Shares } from '../limits/shares.js';
import type { ApiContext } from './env.js';
import { setRateLimit } from './rate-limit.js';

/** Counts a request of an owner. @throws OverLimitError */
export async function countRequest(c: ApiContext, shares: Shares, isRead: boolean): Promise<void> {
  const rate = await shares.countRequest(c.get('owner'), isRead ? 'get' : 'post');
  // Setting the headers makes a poll 3 % slower (measured), so a GET has them only once half of the quota is used.
  if (rate !== null && (!isRead || rate.remaining < rate.quota.limit / 2))
    setRateLimit(c, rate.quota, rate.remaining, rate.resetSeconds);
}

/** Holds one of the owner's concurrent request bodies, before any of it is read. @throws OverLimitError */
export async function holdUpload(c: ApiContext, shares: Shares, serve: () => Promise<void>): Promise<void> {
  await using upload = await shares.holdUpload(c.get('owner'));
  // The lease ends with the body, not with the request, which may wait.
  c.env.incoming?.once('end', () => upload.release());
  await serve();
}
