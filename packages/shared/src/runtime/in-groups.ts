/** As many at a time; ioredis sends their commands together, and OSS answers as many of them side by side. */
const AT_ONCE = 64;

/**
 * Does `each` for everything that comes, some at a time.
 * @throws what one of them throws, once nothing goes on any more behind the back of whoever hears of it
 */
export async function inGroups<T>(
  items: AsyncIterable<T> | Iterable<T>,
  each: (item: T) => Promise<void>,
): Promise<void> {
  // None is begun before it can be waited for: its failure would be nobody's, and end the process.
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < AT_ONCE) continue;
    await all(group.map(each));
    group = [];
  }
  await all(group.map(each));
}

async function all(promises: Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
