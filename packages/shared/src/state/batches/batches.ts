import type { ErrorCode } from '@pixdock/contract/error-table';
import { nowMs } from '../../runtime/clock.js';
import { range } from '../../runtime/range.js';
import { firstVersionIn } from '../epoch.js';
import type { Staging } from '../staging.js';
import type { BatchEntry } from './batch-entry.js';
import { buriedState, newBatchState } from './batch-fields.js';
import type { BatchRequest } from './batch-requests.js';
import type { BatchState } from './batch-state.js';
import type { BatchStates } from './batch-states.js';

/**
 * The batches, wherever their state is: in Redis, or in staging while Redis lacks it. A request for a batch that Redis lost
 * restores its state first.
 */
export function openBatches(states: BatchStates, staging: Staging) {
  const { epoch, setName, get: inRedis, ...others } = states;

  async function withNewName(entry: BatchEntry): Promise<BatchEntry> {
    return { ...entry, name: (await staging.batches.newName(entry.id)) ?? entry.name };
  }

  async function takeName(id: string): Promise<void> {
    for (;;) {
      const state = await inRedis(id);
      if (state === null || state.deleteRequestedAt !== null) return;
      // Read after the state: of two requests at once, the last to write Redis finds the last name.
      const name = await staging.batches.newName(id);
      if (name === null || name === state.name || (await setName(state, name))) return;
    }
  }

  async function fromStaging(id: string): Promise<BatchState | null> {
    const manifest = await staging.batches.open(id, 0);
    if (manifest === null) return null;
    const { entry } = manifest;
    const version = firstVersionIn((await epoch.current()).number);
    const tombstone = await staging.batches.tombstone(id);
    if (tombstone !== null) return buriedState(entry, tombstone, version);
    const changes = await staging.batches.changes(id);
    const requestedAt = (change: 'canceled' | 'deleted') => (changes.includes(change) ? nowMs() : null);
    const named = changes.includes('deleted') ? { ...entry, name: null } : await withNewName(entry);
    return {
      ...newBatchState(named, version),
      cancelRequestedAt: requestedAt('canceled'),
      deleteRequestedAt: requestedAt('deleted'),
    };
  }

  /**
   * Creates the state of a staged batch unless Redis has it. A batch that has a tombstone is buried.
   * @param inEpoch the only epoch in which the state may be created; otherwise the present one
   * @throws EpochEnded if this epoch has ended
   */
  async function restore(entry: BatchEntry, inEpoch?: number) {
    const number = inEpoch ?? (await epoch.current()).number;
    const version = firstVersionIn(number);
    const tombstone = await staging.batches.tombstone(entry.id);
    if (tombstone !== null) {
      await states.bury(entry, tombstone, version);
      return { isBuried: true, isCreated: false };
    }
    const changes = await staging.batches.changes(entry.id);
    // In one step: otherwise a worker that cancels its last items could finish the batch before its cancellation is set.
    const restored = { epoch: number, isCanceled: changes.includes('canceled') };
    const isCreated = await states.create(await withNewName(entry), version, restored);
    const state = isCreated ? null : await inRedis(entry.id);
    if (state !== null) {
      await states.raiseVersion(state);
      await takeName(entry.id);
    }
    return { isBuried: false, isCreated };
  }

  async function restoreLost(id: string): Promise<void> {
    if ((await inRedis(id)) !== null) return;
    const manifest = await staging.batches.open(id, 0);
    if (manifest !== null) await restore(manifest.entry);
  }

  async function request(id: string, what: BatchRequest): Promise<boolean> {
    await restoreLost(id);
    return states.request(id, what);
  }

  return {
    ...others,
    /** The batch in Redis. Null if Redis does not have it, even if staging does. */
    inRedis,
    /** The batch from Redis, otherwise from staging; null if neither has it. Restores nothing. */
    get: async (id: string) => (await inRedis(id)) ?? fromStaging(id),
    restore,
    request,

    /**
     * Requests the cancellation that is recorded in staging. If there is nothing to cancel, removes it from staging, where it
     * would cancel a later retry.
     * @returns false if it was requested before or changes nothing
     */
    async cancel(id: string): Promise<boolean> {
      if (await request(id, 'cancelRequestedAt')) return true;
      if ((await inRedis(id))?.cancelRequestedAt === null) await staging.batches.dropChange(id, 'canceled');
      return false;
    },

    async retry(id: string, code: ErrorCode | null): Promise<void> {
      await restoreLost(id);
      await states.retry(id, code);
    },

    /** Takes over the name that the batch has in staging. */
    async takeName(id: string): Promise<void> {
      await restoreLost(id);
      await takeName(id);
    },

    /** Places of items that have failed, in order, from a place on. While Redis lacks items, also those of other items. */
    async failedPlaces({ id, total }: BatchState, code: ErrorCode | null, from: number, count: number) {
      if ((await epoch.current()).isRestored)
        return states.places(id, code === null ? { status: 'failed' } : { code }, from, count);
      return range(from, Math.min(from + count, total));
    },
  };
}

export type Batches = ReturnType<typeof openBatches>;
