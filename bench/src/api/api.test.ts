import { expect, test } from 'vitest';
import { runAccept } from '../accept/accept.js';
import { runStatus } from '../status/status.js';

const FEW = { rounds: 1, profileFolder: null, say: () => {} };

/** Small runs of `pnpm bench status` and `pnpm bench accept`. Their figures mean nothing beside other tests. */
test('measures polls beside a bare Hono', async () => {
  const { sides } = await runStatus({ ...FEW, seconds: 0.2, warmUpSeconds: 0.1, connections: 2, images: 2 });
  expect(sides.map(({ name }) => name)).toEqual(['hono', 'poll', 'not modified', '/livez']);
  for (const { requestsPerSecond } of sides) expect(requestsPerSecond).toBeGreaterThan(0);
});

test('measures uploads beside a bare Hono', async () => {
  const result = await runAccept({ ...FEW, pictures: 4, inFlight: 2, atOnce: 3, scale: 0.05 });
  expect(result.sides.map(({ name }) => name)).toEqual(['raw', 'form', 'hono']);
  expect(Math.min(...result.sides.map(({ p50Ms }) => p50Ms))).toBeGreaterThan(0);
  expect(result.memory.peakMib).toBeGreaterThan(0);
});
