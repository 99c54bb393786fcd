import { whenAllEnd } from './in-groups.js';

interface Options {
  atOnce?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Works on all items, `atOnce` at a time, until `signal` aborts. After an error, the next call of the returned function repeats
 * the items that failed and continues with the rest; after an error of the iteration, it iterates again from the first item.
 */
export function resumable<T>(
  open: () => AsyncGenerator<T>,
  work: (item: T) => Promise<void>,
  { atOnce = 1, signal }: Options = {},
): () => Promise<void> {
  let items = open();
  const unfinished = new Set<T>();

  async function takeItems(): Promise<boolean> {
    try {
      while (unfinished.size < atOnce) {
        const next = await items.next();
        if (next.done === true) break;
        unfinished.add(next.value);
      }
    } catch (error) {
      // A generator that has thrown only ends.
      items = open();
      throw error;
    }
    return unfinished.size > 0 && signal?.aborted !== true;
  }

  return async () => {
    while (await takeItems())
      await whenAllEnd(
        Array.from(unfinished, async (item) => {
          await work(item);
          unfinished.delete(item);
        }),
      );
  };
}
