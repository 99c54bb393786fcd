import type { RedisConnection } from '../runtime/redis.js';
import { openBatchStates } from './batches/batch-states.js';
import { openBatches } from './batches/batches.js';
import { openEpoch } from './epoch.js';
import { openImages } from './images/images.js';
import { openRecords } from './images/records.js';
import type { Staging } from './staging.js';

/**
 * Opens the images and the batches of an installation, each with the one object through which apps reach them.
 * @param onEvent called after a change appended an entry to the outbox of webhooks
 */
export function openState(redis: RedisConnection, prefix: string, staging: Staging, onEvent?: () => void) {
  const epoch = openEpoch(redis, prefix, staging);
  const batches = openBatches(openBatchStates(redis, prefix, epoch, onEvent), staging);
  const images = openImages({ records: openRecords(redis, prefix, epoch, onEvent), batches, staging });
  return { epoch, batches, images };
}
