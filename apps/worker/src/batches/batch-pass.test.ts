import { expect, it } from 'vitest';
import { openBatchCursors } from './batch-pass.js';

const batch = (id: string, minVersion = 1) => ({ id, minVersion });

it('keeps the cursor of a batch until Redis lost the batch or the batch is forgotten', () => {
  const cursors = openBatchCursors();
  const first = cursors.of(batch('a'));
  expect(cursors.of(batch('a'))).toBe(first);
  const restored = cursors.of(batch('a', 900));
  expect(restored).not.toBe(first);
  cursors.forget('a');
  expect(cursors.of(batch('a', 900))).not.toBe(restored);
});

it('drops the cursor of the least recent batch when there are too many', () => {
  const cursors = openBatchCursors(2);
  const [a, b] = [cursors.of(batch('a')), cursors.of(batch('b'))];
  expect(cursors.of(batch('a'))).toBe(a);
  cursors.of(batch('c'));
  expect(cursors.of(batch('a'))).toBe(a);
  expect(cursors.of(batch('b'))).not.toBe(b);
});
