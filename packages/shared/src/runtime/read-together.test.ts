import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readTogether } from './read-together.js';

test('reads the ids of one turn together, and an id again in a later turn', async () => {
  const reads: (readonly string[])[] = [];
  const read = readTogether(async (ids) => {
    reads.push(ids);
    return ids.map((id) => `${id}${reads.length}`);
  });
  expect(await Promise.all(['a', 'b', 'a'].map(read))).toEqual(['a1', 'b1', 'a1']);
  const under = read('a');
  await nextTurn();
  // The read of `under` has begun, so it may be older than this call.
  expect(await Promise.all([under, read('a')])).toEqual(['a2', 'a3']);
  expect(reads).toEqual([['a', 'b'], ['a'], ['a']]);
});

test('rejects only the calls for an id that cannot be read', async () => {
  const read = readTogether(async (ids) => ids.map((id) => (id === 'b' ? new Error('of another type') : id)));
  const settled = await Promise.allSettled(['a', 'b', 'b'].map(read));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
});

test('rejects all calls of a read that fails, and reads again', async () => {
  let tries = 0;
  const read = readTogether(async (ids) => {
    if (tries++ === 0) throw new Error('away');
    return ids;
  });
  const failed = await Promise.allSettled([read('a'), read('b')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await read('a')).toBe('a');
});
