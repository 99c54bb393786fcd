import type { Batch, Image } from '@pixdock/client';
import { effect } from '@preact/signals';
import { client, may } from './session.js';

export interface Listener {
  image?(image: Image): void;
  batch?(batch: Batch): void;
  /** Changes may be missing: read again. */
  gap?(): void;
}

const listeners = new Set<Listener>();

/** Tells a listener of every change of the owner's images and batches. @returns a function that ends it */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The list with a newer state of one of its members; null if it does not have the member. */
export function withNewer<T extends { id: string; version: number }>(
  all: readonly T[],
  changed: T,
): readonly T[] | null {
  if (!all.some(({ id }) => id === changed.id)) return null;
  return all.map((one) => (one.id === changed.id && one.version < changed.version ? changed : one));
}

/** Follows the owner's events while somebody is signed in. */
export function followOwner(): void {
  effect(() => {
    const current = client.value;
    if (current === null || !may('read')) return;
    const ending = new AbortController();
    void follow(current, ending.signal);
    return () => ending.abort();
  });
}

async function follow(current: NonNullable<typeof client.value>, signal: AbortSignal): Promise<void> {
  try {
    for await (const { type, data } of current.events({ signal }))
      for (const listener of listeners) {
        if (type === 'image') listener.image?.(data);
        else if (type === 'batch') listener.batch?.(data);
        else listener.gap?.();
      }
  } catch {
    // The key may not read, or is revoked. Requests of the views show that.
  }
}
