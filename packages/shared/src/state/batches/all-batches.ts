import { firstVersionIn } from '../epoch.js';
import { restoreState } from '../restore/restore-batch.js';
import type { Staging } from '../staging.js';
import type { BatchEntry } from './batch-entry.js';
import { buriedState, newBatchState } from './batch-fields.js';
import type { BatchState } from './batch-state.js';
import type { Batches } from './batches.js';

/** The batches, wherever their state is: in Redis, or in staging while Redis lacks it. */
export interface AllBatches extends Batches {
  /** Like `get`, and looks in staging if Redis does not have the batch. Changes nothing. */
  find(id: string): Promise<BatchState | null>;
  /** Creates the state of a staged batch unless Redis has it. A batch that has a tombstone is buried. */
  restore(entry: BatchEntry): Promise<void>;
}

/** Adds the batches in staging. A request for a batch that Redis lost restores its state first. */
export function openAllBatches(batches: Batches, staging: Staging): AllBatches {
  async function fromStaging(id: string): Promise<BatchState | null> {
    const manifest = await staging.batches.open(id, 0);
    if (manifest === null) return null;
    const { entry } = manifest;
    const version = firstVersionIn((await batches.epoch.current()).number);
    const tombstone = await staging.batches.tombstone(id);
    if (tombstone !== null) return buriedState(entry, tombstone, version);
    const changes = await staging.batches.changes(id);
    const requestedAt = (change: 'canceled' | 'deleted') => (changes.includes(change) ? Date.now() : null);
    return {
      ...newBatchState(entry, version),
      cancelRequestedAt: requestedAt('canceled'),
      deleteRequestedAt: requestedAt('deleted'),
    };
  }

  const restore = async (entry: BatchEntry) => void (await restoreState({ staging, batches }, entry));

  async function restoreLost(id: string): Promise<void> {
    if ((await batches.get(id)) !== null) return;
    const manifest = await staging.batches.open(id, 0);
    if (manifest !== null) await restore(manifest.entry);
  }

  return {
    ...batches,
    restore,
    find: async (id) => (await batches.get(id)) ?? fromStaging(id),

    async request(id, what) {
      await restoreLost(id);
      return batches.request(id, what);
    },

    async retry(id, code) {
      await restoreLost(id);
      await batches.retry(id, code);
    },
  };
}
