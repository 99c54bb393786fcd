import { isSettled } from '@pixdock/contract/status';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { KeyConfig, Parts } from '../deps.js';
import { keysOf, removeObjects } from './remove-objects.js';

const TRY_AGAIN_MS = 5000;

/**
 * Ends a job that finds its image final. A canceled image may have remaining objects: they are removed, and where OSS does not
 * respond, the job comes again.
 */
export async function settle(
  { staging, store, config }: Parts<'staging' | 'store'> & { config: KeyConfig },
  record: ImageRecord,
): Promise<JobResult> {
  if (!isSettled(record)) return { outcome: 'done' };
  await staging.writeOutcome(record);
  if (record.status !== 'canceled') return { outcome: 'done' };
  const remaining = await removeObjects(store, keysOf(record, config));
  return remaining.length === 0 ? { outcome: 'done' } : { outcome: 'again', afterMs: TRY_AGAIN_MS };
}
