import { expect, test } from 'vitest';
import { openByteCache } from './byte-cache.js';

const sized = (bytes: number) => async () => ({ value: { bytes }, bytes });
const fail = () => Promise.reject(new Error('loaded again'));

test('caches the last used values up to a number of bytes', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 2 });
  const a = await cache.get('a', sized(40));
  await cache.get('b', sized(40));
  expect(await cache.get('a', fail)).toBe(a);
  await cache.get('c', sized(40));
  expect(cache.bytes()).toBe(80);
  expect(await cache.get('a', fail)).toBe(a);
  await expect(cache.get('b', fail)).rejects.toThrow('loaded again');
});

test('returns a value that is larger than the cache without caching it', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 2 });
  expect(await cache.get('a', sized(101))).toEqual({ bytes: 101 });
  expect(cache.bytes()).toBe(0);
});

test('loads a value once for concurrent calls, with a limit of concurrent loads', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 2 });
  const loads: string[] = [];
  const release: (() => void)[] = [];
  const load = (key: string) => async () => {
    loads.push(key);
    await new Promise<void>((resolve) => release.push(resolve));
    return { value: { bytes: 1 }, bytes: 1 };
  };
  const all = ['a', 'a', 'b', 'c', 'a'].map((key) => cache.get(key, load(key)));
  await new Promise(setImmediate);
  expect(loads).toEqual(['a', 'b']);
  release.shift()?.();
  expect(await all[0]).toBe(await all[4]);
  await new Promise(setImmediate);
  expect(loads).toEqual(['a', 'b', 'c']);
  for (const next of release) next();
  await Promise.all(all);
});

test('caches no failure, and runs the next load', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 1 });
  const [first, second] = [cache.get('a', fail), cache.get('b', sized(1))];
  await expect(first).rejects.toThrow('loaded again');
  expect(await second).toEqual({ bytes: 1 });
  expect(await cache.get('a', sized(2))).toEqual({ bytes: 2 });
});
