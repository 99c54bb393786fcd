import type { Parts } from '../deps.js';
import { whenRedisIsBack } from '../when-redis-is-back.js';

/** Records or batches in Redis. */
interface Store<T> {
  get(id: string): Promise<T | null>;
  forget(found: T): Promise<unknown>;
}

/** Removes a resource that was staged and then refused: its files now, its state once Redis responds. */
export async function discard<T extends { createdAt: string | number }>(
  deps: Parts<'log' | 'stopping'>,
  arrival: AsyncDisposable,
  store: Store<T>,
  { id, createdAt }: { id: string; createdAt: string },
): Promise<void> {
  // Remove the files first: a restore would create the state from them.
  await arrival[Symbol.asyncDispose]();
  void whenRedisIsBack(deps, id, async () => {
    const found = await store.get(id);
    // Another request with the same key may have created the state since then.
    if (found !== null && +new Date(found.createdAt) === Date.parse(createdAt)) await store.forget(found);
  });
}
