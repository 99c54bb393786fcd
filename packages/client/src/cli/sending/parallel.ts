/** Runs `work` for every item, `lanes` of them at a time; the first that throws ends it, and its error is thrown. */
export async function parallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = iterate(items);
  async function lane(): Promise<void> {
    try {
      for (let next = await queue.next(); !next.done; next = await queue.next()) await work(next.value);
    } finally {
      // No lane takes another one.
      await queue.return();
    }
  }
  const results = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

// An async generator queues calls of next, so that several lanes can take from one.
async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

/** Lets `places` callers in at a time, in their order. */
export function createGate(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
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
