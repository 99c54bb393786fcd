import { expect, test } from 'vitest';
import { measureRedisUse } from './redis-use.js';

/** A small `pnpm bench redis`. */
test('counts what idle processes and images ask of Redis', async () => {
  const { idle, image } = await measureRedisUse({ images: 4, seconds: 5, say: () => {} });
  expect(idle.map(({ process }) => process)).toEqual(['API', 'worker']);
  for (const { requests, commands, connections } of idle) {
    expect(requests).toBeGreaterThan(0);
    expect(commands).toBeGreaterThan(requests);
    expect(connections).toBeGreaterThan(1);
  }
  expect(image.requests).toBeGreaterThan(10);
  expect(image.commands).toBeGreaterThan(2 * image.requests);
  expect(image.recordBytes).toBeGreaterThan(1000);
});
