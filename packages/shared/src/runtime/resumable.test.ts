import { expect, test } from 'vitest';
import { resumable } from './resumable.js';

test('iterates again from the first item after an error of the iteration', async () => {
  const worked: number[] = [];
  let isDamaged = true;
  async function* items() {
    yield 1;
    if (isDamaged) throw new Error('EIO: i/o error, scandir');
    yield 2;
  }
  const continueWork = resumable(items, async (item) => void worked.push(item));
  await expect(continueWork()).rejects.toThrow('EIO');
  isDamaged = false;
  await continueWork();
  await continueWork();
  expect(worked).toEqual([1, 1, 2]);
});

test('works on no further item after an abort', async () => {
  const stopping = new AbortController();
  const worked: number[] = [];
  const work = async (item: number) => {
    worked.push(item);
    stopping.abort();
  };
  async function* items() {
    yield* [1, 2];
  }
  await resumable(items, work, { signal: stopping.signal })();
  expect(worked).toEqual([1]);
});
