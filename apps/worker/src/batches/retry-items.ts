import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { BatchRetry } from '@pixdock/shared/state/batches/batch-state';
import { retryChange } from '@pixdock/shared/state/staged/batch-changes';
import type { Parts } from '../deps.js';
import type { BatchPass } from './batch-pass.js';

/** Failed items per pass: about 0.15 s of CPU time. Owners take turns between passes. */
const RETRIED_PER_PASS = 128;

/**
 * Gives failed items their next run, if a retry was requested for them and their source is available; then the batch starts
 * them in turn. An item that failed after the request has failed again, and stays. Returns how many items it went over.
 */
export async function retryItems(
  deps: Parts<'images' | 'staging' | 'batches'>,
  pass: BatchPass,
  signal: AbortSignal,
): Promise<number> {
  const { manifest, state, cursor } = pass;
  const [request] = state.retries;
  if (request === undefined) return 0;
  const { code, before } = request;
  const name = `${code} ${before}`;
  const from = cursor.retrying.name === name ? cursor.retrying.from : 0;
  const places = await deps.batches.failedPlaces(state, code, from, RETRIED_PER_PASS);
  await inGroups(places, async (place) => {
    if (!signal.aborted) await retryItem(deps, manifest.id(place), request);
  });
  if (signal.aborted) return places.length;
  cursor.retrying = { name, from: (places.at(-1) ?? from) + 1 };
  if (places.length < RETRIED_PER_PASS) await endRetry(deps, state.id, request);
  return places.length;
}

async function retryItem(
  deps: Parts<'images' | 'staging'>,
  imageId: string,
  { code, before }: BatchRetry,
): Promise<void> {
  const { images, staging } = deps;
  const record = await images.restoreLost(imageId);
  if (record?.status !== 'failed' || Date.parse(record.finishedAt) > before) return;
  if (code !== null && record.error.code !== code) return;
  if (await staging.hasSource(record)) await images.startNextRun(record);
}

/** Drops the requested retries of a batch that is canceled or deleted. */
export async function dropRetries(
  deps: Parts<'batches' | 'staging'>,
  { state }: Pick<BatchPass, 'state'>,
): Promise<void> {
  for (const request of state.retries) await endRetry(deps, state.id, request);
}

async function endRetry(
  { batches, staging }: Parts<'batches' | 'staging'>,
  id: string,
  request: BatchRetry,
): Promise<void> {
  const change = retryChange(request.code);
  await staging.batches.dropChange(id, change);
  if (!(await batches.retried(id, request))) await staging.batches.noteChange(id, change);
}
