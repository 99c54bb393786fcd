import type { JobResult } from '@pixdock/shared/queue/jobs';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { WorkerDeps } from '../deps.js';
import { type KeyConfig, keysOf, removeObjects } from './undo.js';

const UNDO_MS = 15_000;
const TRY_AGAIN_MS = 5000;

/**
 * For whoever finds an image final. One that was canceled may have left objects: they go first, and where OSS does not
 * answer the job is to come again.
 */
export async function settleIfFinal(
  { staging, store, config }: Pick<WorkerDeps, 'staging' | 'store'> & { config: KeyConfig },
  record: ImageRecord,
): Promise<JobResult> {
  if (!isSettled(record)) return { outcome: 'done' };
  await staging.settle(record);
  if (record.status !== 'canceled') return { outcome: 'done' };
  const left = await removeObjects(store, keysOf(record, config), AbortSignal.timeout(UNDO_MS));
  return left.length === 0 ? { outcome: 'done' } : { outcome: 'again', afterMs: TRY_AGAIN_MS };
}
