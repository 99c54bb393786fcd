import type { ErrorCode } from '@pixdock/contract/error-table';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { retryChange } from '@pixdock/shared/state/batches/staged-batches';
import type { BatchRetry } from '@pixdock/shared/state/records/batch-state';
import { retry } from '@pixdock/shared/state/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { type OpenBatch, recordOf } from './item-record.js';

/** Failures looked at in one pass, so that no pass is long. */
const LOOK_AT = 1000;

/**
 * Gives failed items that were asked for, and can be tried again, their next run; then the batch takes them up in turn. What
 * failed after it was asked for has failed again, and is left. Returns how many were looked at.
 */
export async function retryItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { records, staging } = deps;
  const { manifest, state, memory } = batch;
  const [asked] = state.retries;
  if (asked === undefined) return 0;
  const { code, before } = asked;
  const name = `${code} ${before}`;
  const from = memory.retrying.name === name ? memory.retrying.from : 0;
  const places = await failedPlaces(deps, batch, code, from);
  await inGroups(places, (place) => retryOne(manifest.id(place)));
  if (signal.aborted) return places.length;
  memory.retrying = { name, from: (places.at(-1) ?? from) + 1 };
  if (places.length < LOOK_AT) await endRetry(deps, state.id, asked);
  return places.length;

  async function retryOne(imageId: string): Promise<void> {
    if (signal.aborted) return;
    const record = await recordOf(deps, imageId);
    const next = record === null ? null : retry(record);
    if (record === null || next === null || Date.parse(record.finishedAt ?? '') > before) return;
    if (code !== null && record.error?.code !== code) return;
    if (!(await staging.hasSource(record))) return;
    await staging.resubmit(next);
    await records.move(imageId, retry, record);
  }
}

/** Drops what was asked to be tried again of a batch that is canceled or deleted. */
export async function dropRetries(deps: WorkerDeps, { state }: OpenBatch): Promise<void> {
  for (const asked of state.retries) await endRetry(deps, state.id, asked);
}

async function endRetry({ batches, staging }: WorkerDeps, id: string, asked: BatchRetry): Promise<void> {
  const mark = retryChange(asked.code);
  await staging.batches.dropChange(id, mark);
  if (!(await batches.retried(id, asked))) await staging.batches.noteChange(id, mark);
}

async function failedPlaces(
  { batches }: WorkerDeps,
  { state }: OpenBatch,
  code: ErrorCode | null,
  from: number,
): Promise<number[]> {
  // Redis lost the batch, and may not have been given all its items back yet.
  if (state.minVersion > 1) {
    const length = Math.min(LOOK_AT, Math.max(0, state.total - from));
    return Array.from({ length }, (_, i) => from + i);
  }
  return batches.places(state.id, code === null ? { status: 'failed' } : { code }, from, LOOK_AT);
}
