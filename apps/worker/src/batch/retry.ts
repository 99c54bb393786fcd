import { retryMark } from '@pixdock/shared/batches/staged-batches';
import type { ErrorCode } from '@pixdock/shared/error-table';
import { retry } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { type OpenBatch, recordOf } from './item-record.js';

const AT_ONCE = 256;

/**
 * Gives every failed item that was asked for, and can be tried again, its next run; then the batch takes them up in turn.
 * What failed after it was asked for has failed again, and is left.
 */
export async function retryItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<void> {
  const { batches, records, staging } = deps;
  const { manifest, state } = batch;
  for (const { code, before } of state.retries) {
    for await (const place of failedPlaces(deps, batch, code)) {
      if (signal.aborted) return;
      await retryOne(manifest.id(place), code, before);
    }
    await staging.batches.unmark(state.id, retryMark(code));
    await batches.retried(state.id, code);
  }

  async function retryOne(imageId: string, code: ErrorCode | null, before: number): Promise<void> {
    const record = await recordOf(deps, imageId);
    const next = record === null ? null : retry(record);
    if (record === null || next === null || Date.parse(record.finishedAt ?? '') > before) return;
    if (code !== null && record.error?.code !== code) return;
    if (!(await staging.hasSource(record))) return;
    await staging.resubmit(next);
    await records.move(imageId, retry, record);
  }
}

async function* failedPlaces(
  { batches }: WorkerDeps,
  { manifest, state }: OpenBatch,
  code: ErrorCode | null,
): AsyncGenerator<number> {
  // Redis lost the batch, and may not have been given all its items back yet.
  if (state.firstVersion > 1) {
    for await (const { place } of manifest.items(0)) yield place;
    return;
  }
  const filter = code === null ? ({ status: 'failed' } as const) : { code };
  for (let from = 0; ; ) {
    const places = await batches.places(state.id, filter, from, AT_ONCE);
    yield* places;
    if (places.length < AT_ONCE) return;
    from = (places.at(-1) ?? 0) + 1;
  }
}
