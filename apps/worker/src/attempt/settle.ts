import { isSettled } from '@pixdock/contract/status';
import { PUT_TIMEOUT_MS } from '@pixdock/object-store/open';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { KeyConfig, Parts } from '../deps.js';
import { keysOf, removeObjects } from './remove-objects.js';

const TRY_AGAIN_MS = 5000;

/**
 * Ends a job that finds its image final. A canceled image may have remaining objects: they are removed. The job comes again where OSS
 * does not respond, or may still perform a put.
 */
export async function settle(
  { images, staging, store, config }: Parts<'images' | 'staging' | 'store'> & { config: KeyConfig },
  record: ImageRecord,
): Promise<JobResult> {
  // An open image has another job: that of its next run. If it is lost, `restoreImage` or `requeueLostItems` adds it again.
  if (!isSettled(record)) return { outcome: 'done' };
  await staging.writeOutcome(record);
  if (record.status !== 'canceled') return { outcome: 'done' };
  const remaining = await removeObjects(store, keysOf(record, config));
  if (remaining.length > 0) return { outcome: 'again', afterMs: TRY_AGAIN_MS };
  const lateMs = await images.latePutsMs(record, PUT_TIMEOUT_MS);
  return lateMs > 0 ? { outcome: 'again', afterMs: lateMs } : { outcome: 'done' };
}
