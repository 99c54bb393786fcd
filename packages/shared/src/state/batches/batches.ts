import type { ErrorCode } from '@pixdock/contract/error-table';
import { nowMs } from '../../runtime/clock.js';
import { range } from '../../runtime/range.js';
import { firstVersionIn } from '../epoch.js';
import type { Staging } from '../staging.js';
import type { BatchEntry } from './batch-entry.js';
import { buriedState, newBatchState } from './batch-fields.js';
import type { BatchState } from './batch-state.js';
import type { BatchStates } from './batch-states.js';

/** The batches, wherever their state is: in Redis, or in staging while Redis lacks it. */
export interface Batches extends Omit<BatchStates, 'get' | 'epoch' | 'setName'> {
  /** The batch as it is now; null if neither Redis nor staging knows it. Changes nothing. */
  get(id: string): Promise<BatchState | null>;
  /** What Redis has of the batch; null also while Redis lacks a batch that staging has. */
  inRedis(id: string): Promise<BatchState | null>;
  /** Places of items that have failed, in order, from a place on. While Redis lacks items, also those of other items. */
  failedPlaces(state: BatchState, code: ErrorCode | null, from: number, count: number): Promise<number[]>;
  /** Takes over the name that the batch has in staging. */
  takeName(id: string): Promise<void>;
  /**
   * Creates the state of a staged batch unless Redis has it. A batch that has a tombstone is buried.
   * @param epoch that of a restore; otherwise the present one
   * @throws EpochEnded if this epoch has ended
   */
  restore(entry: BatchEntry, epoch?: number): Promise<{ isBuried: boolean; isCreated: boolean }>;
}

/** Adds the batches in staging. A request for a batch that Redis lost restores its state first. */
export function openBatches(states: BatchStates, staging: Staging): Batches {
  const { epoch } = states;

  async function withNewName(entry: BatchEntry): Promise<BatchEntry> {
    return { ...entry, name: (await staging.batches.newName(entry.id)) ?? entry.name };
  }

  async function takeName(id: string): Promise<void> {
    for (;;) {
      const state = await states.get(id);
      if (state === null || state.deleteRequestedAt !== null) return;
      // Read after the state: of two requests at once, the last to write Redis finds the last name.
      const name = await staging.batches.newName(id);
      if (name === null || name === state.name || (await states.setName(state, name))) return;
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

  async function restore(entry: BatchEntry, restoring?: number) {
    const number = restoring ?? (await epoch.current()).number;
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
    const state = isCreated ? null : await states.get(entry.id);
    if (state !== null) {
      await states.raiseVersion(state);
      await takeName(entry.id);
    }
    return { isBuried: false, isCreated };
  }

  async function restoreLost(id: string): Promise<void> {
    if ((await states.get(id)) !== null) return;
    const manifest = await staging.batches.open(id, 0);
    if (manifest !== null) await restore(manifest.entry);
  }

  return {
    ...states,
    inRedis: states.get,
    restore,
    async takeName(id) {
      await restoreLost(id);
      await takeName(id);
    },

    get: async (id) => (await states.get(id)) ?? fromStaging(id),

    async failedPlaces({ id, total }, code, from, count) {
      if ((await epoch.current()).isRestored)
        return states.places(id, code === null ? { status: 'failed' } : { code }, from, count);
      return range(from, Math.min(from + count, total));
    },

    async request(id, what) {
      await restoreLost(id);
      return states.request(id, what);
    },

    async retry(id, code) {
      await restoreLost(id);
      await states.retry(id, code);
    },
  };
}
