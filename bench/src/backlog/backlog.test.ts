import { expect, test } from 'vitest';
import { runBacklog } from './backlog.js';

/** A small `pnpm bench:backlog`. Its figures mean nothing beside other tests. */
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
  for (const { accept, status, lists, acceptRatio, statusRatio } of sides) {
    expect([accept.count, status.count, lists.count]).toEqual([15, 100, 5]);
    expect(Math.min(accept.p50Ms, status.p50Ms, acceptRatio, statusRatio)).toBeGreaterThan(0);
  }
});
