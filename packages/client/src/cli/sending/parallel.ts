/** Runs `work` for every item with the given concurrency. The first error stops it and is thrown. */
export async function parallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = iterate(items);
  async function lane(): Promise<void> {
    try {
      for (let next = await queue.next(); !next.done; next = await queue.next()) await work(next.value);
    } finally {
      // Stop the other lanes.
      await queue.return();
    }
  }
  const results = await Promise.allSettled(Array.from({ length: concurrency }, lane));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

// An async generator queues concurrent calls of next().
async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

/** Limits concurrent calls to `max`, in order of arrival. */
export function createLimit(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = max;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
