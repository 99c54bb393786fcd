/** As many at a time; ioredis sends their commands together, and OSS answers as many side by side. */
const AT_ONCE = 64;

/** Does `each` for everything that comes, some at a time. */
export async function inGroups<T>(items: AsyncIterable<T>, each: (item: T) => Promise<void>): Promise<void> {
  let group: Promise<void>[] = [];
  try {
    for await (const item of items) {
      group.push(each(item));
      if (group.length < AT_ONCE) continue;
      await Promise.all(group);
      group = [];
    }
  } finally {
    // Whatever went wrong, nothing goes on behind the back of whoever hears of it.
    await Promise.allSettled(group);
  }
  await Promise.all(group);
}
