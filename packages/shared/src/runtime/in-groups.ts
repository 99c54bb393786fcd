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
  // Begin no call before awaiting it: an unhandled rejection would end the process.
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < GROUP) continue;
    await whenAllEnd(group.map(each));
    group = [];
  }
  await whenAllEnd(group.map(each));
}

/** @throws the first error, after all promises have settled */
export async function whenAllEnd(promises: Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
