import { nowMs } from '@pixdock/shared/runtime/clock';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { type BatchState, isBatchUntouched } from '@pixdock/shared/state/batches/batch-state';
import { text } from '../messages/reconcile.js';
import { isOld, type ReconcileDeps } from './deps.js';
import { scanBatchIds } from './scan.js';

/** Finds batches with a record but without items in staging. Returns the number of batches. */
export async function checkBatches(deps: ReconcileDeps): Promise<number> {
  const { redis, config, batches, report } = deps;
  const seen = new Set<string>();
  for await (const id of scanBatchIds(redis, config.redis.prefix)) {
    if (seen.has(id)) continue;
    seen.add(id);
    const state = await orUnreadable(() => findLost(deps, id));
    if (state === 'unreadable') await report.found({ kind: 'unreadable-record', id });
    if (state === null || state === 'unreadable') continue;
    const { total, queued, published } = state;
    const fix = async () => {
      const now = await findLost(deps, id);
      return now === null ? false : batches.forget(now);
    };
    await report.found({
      kind: 'batch-without-manifest',
      id,
      evidence: text('batch-progress', { queued, total, published }),
      ...(isBatchUntouched(state) ? { fix } : {}),
    });
  }
  return seen.size;
}

/** The state of a batch whose items are missing; null if they exist or the sweep is deleting the batch. */
async function findLost(deps: ReconcileDeps, id: string): Promise<BatchState | null> {
  const { batches, staging } = deps;
  const state = await batches.inRedis(id);
  if (state === null || !isOld(state.updatedAt, deps)) return null;
  // The sweep is deleting it.
  if (state.expiresAt !== null && state.expiresAt < nowMs()) return null;
  if ((await staging.batches.open(id)) !== null) return null;
  return batches.inRedis(id);
}
