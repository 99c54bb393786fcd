/** Items per group. ioredis sends their commands together, and OSS handles that many requests at once. */
export const GROUP = 64;

/**
 * Calls `each` for all items, a group at a time.
 * @throws the first error of a group, after all calls of the group have ended
 */
export async function inGroups<T>(
  items: AsyncIterable<T> | Iterable<T>,
  each: (item: T) => Promise<void>,
): Promise<void> {
  for await (const group of groupsOf(items, GROUP)) await whenAllEnd(group.map(each));
}

/** Divides items into groups of `size`, the last one with what remains. */
export async function* groupsOf<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/**
 * Call it with promises that have just begun: one that fails before it is awaited would end the process.
 * @throws the first error, after all promises have settled
 */
export async function whenAllEnd<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
