import { expect, test } from 'vitest';
import { coalesceReads } from './coalesce-reads.js';

test('shares a read between calls for one id in the same tick, and not with later calls', async () => {
  const ids: string[] = [];
  const read = coalesceReads(async (id) => ids.push(id));
  const first = [read('a'), read('b'), Promise.resolve().then(() => read('a'))];
  expect(await Promise.all(first)).toEqual([1, 2, 1]);
  expect(await read('a')).toBe(3);
  expect(ids).toEqual(['a', 'b', 'a']);
});

test('rejects all calls that share a failed read, and no later call', async () => {
  let isAway = true;
  const read = coalesceReads(async () => {
    if (isAway) throw new Error('away');
    return 'here';
  });
  const both = await Promise.allSettled([read('a'), read('a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  expect(await read('a')).toBe('here');
});
