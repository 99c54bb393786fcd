import { createMiddleware } from 'hono/factory';
import type { Parts } from '../deps.js';
import type { ApiEnv } from './env.js';
import { hasBody } from './has-body.js';
import { setRateLimit } from './rate-limit.js';

/**
 * Counts the requests of an owner and the owner's concurrent request bodies, before any of a body is read.
 * @throws OverLimitError
 */
export function limitOwner({ shares }: Parts<'shares'>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const owner = c.get('owner');
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    const rate = await shares.countRequest(owner, isRead ? 'get' : 'post');
    // Setting the headers makes a poll 3 % slower (measured), so a GET has them only once half of the quota is used.
    if (rate !== null && (!isRead || rate.remaining < rate.quota.limit / 2))
      setRateLimit(c, rate.quota, rate.remaining, rate.resetSeconds);
    if (isRead || !hasBody(c)) return next();
    await using upload = await shares.holdUpload(owner);
    // The lease ends with the body, not with the request, which may wait.
    c.env.incoming?.once('end', () => upload.release());
    await next();
  });
}
