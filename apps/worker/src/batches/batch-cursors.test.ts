import { expect, test } from 'vitest';
import { openMemories } from './batch-cursors.js';

const batch = (id: string, minVersion = 1) => ({ id, minVersion });

test('a batch is remembered from pass to pass, until Redis lost it or it is done with', () => {
  const memories = openMemories();
  const first = memories.of(batch('a'));
  expect(memories.of(batch('a'))).toBe(first);
  const restored = memories.of(batch('a', 900));
  expect(restored).not.toBe(first);
  memories.forget('a');
  expect(memories.of(batch('a', 900))).not.toBe(restored);
});

test('of more batches than are kept the one not seen for longest is forgotten', () => {
  const memories = openMemories(2);
  const [a, b] = [memories.of(batch('a')), memories.of(batch('b'))];
  expect(memories.of(batch('a'))).toBe(a);
  memories.of(batch('c'));
  expect(memories.of(batch('a'))).toBe(a);
  expect(memories.of(batch('b'))).not.toBe(b);
});
