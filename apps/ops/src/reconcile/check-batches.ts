import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { type BatchState, isBatchUntouched } from '@pixdock/shared/state/records/batch-state';
import { isOld, type ReconcileDeps } from './deps.js';
import { scanBatchIds } from './scan.js';

/** Every batch with a record has its items in staging. Returns how many batches there are. */
export async function checkBatches(deps: ReconcileDeps): Promise<number> {
  const { redis, config, batches, report } = deps;
  const seen = new Set<string>();
  for await (const id of scanBatchIds(redis, config.redis.prefix)) {
    if (seen.has(id)) continue;
    seen.add(id);
    const state = await orUnreadable(() => lostItems(deps, id));
    if (state === 'unreadable') await report.found({ kind: 'unreadable-record', id });
    if (state === null || state === 'unreadable') continue;
    const { total, queued, published } = state;
    const seenOf = `${queued} of ${total} items not begun, ${published} published`;
    const mend = async () => {
      const now = await lostItems(deps, id);
      if (now === null) return false;
      await batches.forget(now);
      return true;
    };
    await report.found({
      kind: 'batch-without-manifest',
      id,
      seen: seenOf,
      ...(isBatchUntouched(state) ? { mend } : {}),
    });
  }
  return seen.size;
}

/** The batch's state, when nothing has its items; null when all is well, or soon will be. */
async function lostItems(deps: ReconcileDeps, id: string): Promise<BatchState | null> {
  const { batches, staging } = deps;
  const state = await batches.get(id);
  if (state === null || !isOld(state.updatedAt, deps)) return null;
  // The sweep is at it.
  if (state.expiresAt !== null && state.expiresAt < Date.now()) return null;
  if ((await staging.batches.open(id)) !== null) return null;
  return batches.get(id);
}
