import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import { LRUCache } from 'lru-cache';

/** Batches kept, about 300 bytes each. A batch that another worker ended is removed only by this limit. */
const KEPT = 1000;

/** Where the next pass over a batch goes on. Losing it costs some looks. */
export interface Memory {
  /** Of the state that it is about: what Redis lost is looked at again from the beginning. */
  minVersion: number;
  /** Place from which on items that were passed over are looked at again. */
  lookAgainFrom: number;
  /** Place of the first item that may not be canceled yet. */
  cancelFrom: number;
  /** Place of the first item that may not be deleted yet. */
  removeFrom: number;
  /** What is being tried again, and the place of the first item that may not be yet. */
  retrying: { name: string; from: number };
  /** Since when nobody looked for lost jobs; in ms. */
  healedAt: number;
}

/** Of a batch that is met for the first time. */
export const newMemory = (minVersion: number): Memory => ({
  minVersion,
  lookAgainFrom: 0,
  cancelFrom: 0,
  removeFrom: 0,
  retrying: { name: '', from: 0 },
  healedAt: Number.NEGATIVE_INFINITY,
});

/** Remembers batches from pass to pass, those that were passed over last. */
export function openMemories(kept = KEPT) {
  const memories = new LRUCache<string, Memory>({ max: kept });
  return {
    of({ id, minVersion }: Pick<BatchState, 'id' | 'minVersion'>): Memory {
      const known = memories.get(id);
      const memory = known?.minVersion === minVersion ? known : newMemory(minVersion);
      memories.set(id, memory);
      return memory;
    },
    forget: (id: string) => void memories.delete(id),
  };
}
