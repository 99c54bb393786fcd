import { retryMark } from '@pixdock/shared/batches/staged-batches';
import { retry } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import type { OpenBatch } from './item-record.js';

const AT_ONCE = 256;

/**
 * Gives every failed item that was asked for, and can be tried again, its next run; then the batch takes them up in turn.
 * What failed after it was asked for has failed again, and is left.
 */
export async function retryItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<void> {
  const { batches, records, staging } = deps;
  const { manifest, state } = batch;
  for (const { code, before } of state.retries) {
    const filter = code === null ? ({ status: 'failed' } as const) : { code };
    for (let from = 0, isMore = true; isMore; ) {
      const places = await batches.places(state.id, filter, from, AT_ONCE);
      for (const place of places) {
        if (signal.aborted) return;
        await retryOne(manifest.id(place), before);
        from = place + 1;
      }
      isMore = places.length === AT_ONCE;
    }
    await staging.batches.unmark(state.id, retryMark(code));
    await batches.retried(state.id, code);
  }

  async function retryOne(imageId: string, before: number): Promise<void> {
    const record = await records.get(imageId);
    const next = record === null ? null : retry(record);
    if (record === null || next === null || Date.parse(record.finishedAt ?? '') > before) return;
    if (!(await staging.hasSource(record))) return;
    await staging.resubmit(next);
    await records.move(imageId, retry, record);
  }
}
