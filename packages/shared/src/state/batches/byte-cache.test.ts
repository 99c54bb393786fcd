import { expect, test } from 'vitest';
import { openByteCache } from './byte-cache.js';

const sized = (bytes: number) => async () => ({ value: { bytes }, bytes });
const fail = () => Promise.reject(new Error('loaded again'));

test('values are kept up to a number of bytes, those used last', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 2 });
  const a = await cache.get('a', sized(40));
  await cache.get('b', sized(40));
  expect(await cache.get('a', fail)).toBe(a);
  await cache.get('c', sized(40));
  expect(cache.bytes()).toBe(80);
  expect(await cache.get('a', fail)).toBe(a);
  await expect(cache.get('b', fail)).rejects.toThrow('loaded again');
});

test('a value larger than the cache is returned and not kept', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 2 });
  expect(await cache.get('a', sized(101))).toEqual({ bytes: 101 });
  expect(cache.bytes()).toBe(0);
});

test('a value is loaded once for all who ask, and only so many at once', async () => {
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

test('a failure is not kept, and lets the next load run', async () => {
  const cache = openByteCache<{ bytes: number }>(100, { loadsAtOnce: 1 });
  const [first, second] = [cache.get('a', fail), cache.get('b', sized(1))];
  await expect(first).rejects.toThrow('loaded again');
  expect(await second).toEqual({ bytes: 1 });
  expect(await cache.get('a', sized(2))).toEqual({ bytes: 2 });
});
