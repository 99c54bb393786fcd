import { expect, test } from 'vitest';
import { inGroups } from './in-groups.js';

test('reports a failure only to its caller while further items are pending', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);
  async function* slow() {
    yield 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield 2;
  }
  const done: number[] = [];
  const each = async (item: number) => {
    if (item === 1) throw new Error('the first');
    done.push(item);
  };
  await expect(inGroups(slow(), each)).rejects.toThrow('the first');
  process.off('unhandledRejection', hear);
  expect({ unheard, done }).toEqual({ unheard: [], done: [2] });
});
