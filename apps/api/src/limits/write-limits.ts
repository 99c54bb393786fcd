import { detailOf } from '@pixdock/contract/messages/detail';
import { openPermits, type Permits } from './permits.js';

/** An image is synced by three of the 16 file threads of a process (UV_THREADPOOL_SIZE): other owners find a free thread. */
const WRITES_OF_OWNER = 5;
/** Thousands of concurrent writes take some seconds. */
const PATIENCE_MS = 10_000;

/** Limits the concurrent durable writes of one owner, because each waits for the disk. */
export function openWriteLimits(hasManyOwners: () => boolean): Permits {
  return openPermits(
    {
      atOnce: Number.POSITIVE_INFINITY,
      ofOwner: WRITES_OF_OWNER,
      queuedOfOwner: Number.POSITIVE_INFINITY,
      patienceMs: PATIENCE_MS,
      refusal: detailOf('writes-at-once'),
    },
    hasManyOwners,
  );
}
