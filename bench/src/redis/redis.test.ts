import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@pixdock/e2e/harness/redis';
import { expect, test } from 'vitest';
import { measureRedisUse } from './redis-use.js';
import { usePerSecond } from './use.js';

/** A small `pnpm bench redis`. The differences between such short times mean nothing. */
test('counts what idle processes and images ask of Redis', async () => {
  const options = { images: 2, seconds: 1, workers: 2, streams: 2, say: () => {} };
  const { idle, image, besideOthers } = await measureRedisUse(options);
  expect(idle.map(({ process }) => process)).toEqual(['API', 'worker', 'another worker']);
  for (const { connections } of idle) expect(connections).toBeGreaterThan(1);
  expect(image.recordBytes).toBeGreaterThan(1000);
  expect(besideOthers.commands).toBeGreaterThan(0);
});

test('counts the commands of scripts apart from the requests', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const redis = await startRedis(folder);
  const use = await usePerSecond(redis, async () => {
    for (let n = 0; n < 100; n++) redis.cli('EVAL', "redis.call('TIME') redis.call('TIME')", '0');
  });
  expect(use.commands / use.requests).toBeCloseTo(3);
  expect(use.cpuMicros).toBeGreaterThan(0);
  await redis.stop();
  await rm(folder, { recursive: true });
});
