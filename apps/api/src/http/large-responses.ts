import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { openPlaces } from '@pixdock/shared/runtime/places';
import { nextSlice } from '@pixdock/shared/runtime/slices';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { whenClosed } from './when-closed.js';

/**
 * Concurrent large responses of one owner: reports, pages of items and pictures. Each holds about 1 MiB, also while its client does
 * not read, which is 8 MiB for each owner. Waiting requests cost almost nothing.
 */
const MAX_READS = 8;
/** How long a request waits: well below the two minutes after which the server closes a silent connection. */
const PATIENCE_MS = 10_000;

/**
 * Admits `maxReads` requests of an owner at a time, each until its response is sent. The server closes connections whose
 * clients do not read.
 */
export function limitLargeResponses(hasManyOwners: () => boolean, maxReads = MAX_READS) {
  const places = openPlaces({ atOnce: Number.POSITIVE_INFINITY, ofOwner: () => maxReads });
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { outgoing } = c.env;
    const closing = new AbortController();
    if (outgoing !== undefined) whenClosed(outgoing, () => closing.abort());
    const patience = () => AbortSignal.any([closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const place = await places.acquire(c.get('owner'), patience).catch(async () => {
      // One in each turn of the event loop: hundreds of clients may disconnect at the same instant.
      await nextSlice();
      throw closing.signal.aborted ? new PixdockError('request_timeout') : tooManyReads(hasManyOwners());
    });
    const leave = () => place[Symbol.dispose]();
    if (outgoing === undefined) return next().finally(leave);
    whenClosed(outgoing, leave);
    return next();
  });
}

function tooManyReads(isOwnersLimit: boolean): PixdockError {
  return new PixdockError(
    isOwnersLimit ? 'rate_limited' : 'overloaded',
    detailOf('reads-at-once', { limit: MAX_READS }),
    { retryAfterSeconds: 5 },
  );
}
