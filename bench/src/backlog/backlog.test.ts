import { expect, test } from 'vitest';
import { runBacklog } from './backlog.js';

/** A small `pnpm bench backlog`. Its figures mean nothing beside other tests. */
test('uploads to, and polls, empty and loaded installations', async () => {
  const { sides } = await runBacklog({
    waiting: 60,
    records: 120,
    rounds: 1,
    seconds: 0.5,
    scale: 0.05,
    say: () => {},
  });
  expect(sides.map(({ name }) => name)).toEqual(['empty', '60 waiting', '120 final']);
  // 30, 200 and 10 requests a second. On a busy machine the API may refuse some.
  for (const { accept, status, lists, failures } of sides)
    expect(accept.count + status.count + lists.count + failures.length).toBe(120);
});
