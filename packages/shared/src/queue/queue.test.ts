import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../testing/redis.js';
import { expandJobId, queuePrefix } from './jobs.js';
import { openQueue } from './queue.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const queue = openQueue(connection, settings.prefix, () => {});
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const UPKEEP = `${queuePrefix(settings.prefix)}:upkeep`;

it('accepts a request for a batch whose next pass begins and ends in the meantime', async () => {
  const batchId = `bat_${'ab'.repeat(16)}`;
  const jobId = expandJobId(batchId);
  const delay = () => connection.zadd(`${UPKEEP}:delayed`, Date.now() + 60_000, jobId);
  await queue.expand(batchId);
  await connection.lrem(`${UPKEEP}:wait`, 0, jobId);
  await delay();
  // BullMQ's scripts are methods of the connection.
  const scripts = connection as unknown as Record<string, (args: unknown[]) => Promise<unknown>>;
  const name = Object.keys(scripts).find((key) => key.startsWith('promote:')) ?? '';
  const promote = scripts[name];
  let promoted = 0;
  scripts[name] = async (args) => {
    promoted++;
    await connection.zrem(`${UPKEEP}:delayed`, jobId);
    const result = await promote?.call(connection, args);
    await delay();
    return result;
  };
  await queue.expand(batchId);
  expect(promoted).toBe(1);
});
