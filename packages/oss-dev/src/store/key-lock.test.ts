import { expect, test } from 'vitest';
import { createKeyLock } from './key-lock.js';

test('runs tasks of one name one at a time, in order, even after a failure', async () => {
  const withLock = createKeyLock();
  const log: string[] = [];
  const task =
    (name: string, fails = false) =>
    async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([
    withLock('k', task('a')),
    withLock('k', task('b', true)),
    withLock('k', task('c')),
  ]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('runs tasks of different names concurrently', async () => {
  const withLock = createKeyLock();
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const held = withLock('a', () => promise);
  expect(await withLock('b', async () => 'free')).toBe('free');
  release();
  await held;
});
