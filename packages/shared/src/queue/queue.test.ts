import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../testing/redis.js';
import { openJobOrder } from './job-order.js';
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
  await queue.expand({ id: batchId, owner: 'acme' });
  await connection.zrem(`${UPKEEP}:prioritized`, jobId);
  await delay();
  // BullMQ's scripts are methods of the connection.
  const name = Object.keys(connection).find((key) => key.startsWith('promote:')) ?? '';
  const promote: (args: unknown[]) => Promise<unknown> = Reflect.get(connection, name);
  let promoted = 0;
  Reflect.set(connection, name, async (args: unknown[]) => {
    promoted++;
    await connection.zrem(`${UPKEEP}:delayed`, jobId);
    const result = await promote.call(connection, args);
    await delay();
    return result;
  });
  await queue.expand({ id: batchId, owner: 'acme' });
  expect(promoted).toBe(1);
});

it('keeps the turn of a job that returns from a delay, until jobs with higher numbers were served', async () => {
  await connection.flushall();
  const order = openJobOrder(connection, settings.prefix);
  const images = `${queuePrefix(settings.prefix)}:images`;
  const add = async (jobId: string, owner: string) => {
    const priority = await order.priority('images', jobId, { owner, flow: 'a' });
    await connection.hset(`${images}:${jobId}`, 'priority', priority ?? 0);
    await connection.zadd(`${images}:prioritized`, (priority ?? 0) * 2 ** 32, jobId);
  };
  for (const jobId of ['a1', 'a2', 'a3']) await add(jobId, 'alice');
  await add('b1', 'bob');
  await connection.zrem(`${images}:prioritized`, 'a1');
  // Its number is that of b1, which is next.
  expect(await order.renumber('images', 'a1', 'alice')).toBe(false);
  await connection.zrem(`${images}:prioritized`, 'b1');
  expect(await order.renumber('images', 'a1', 'alice')).toBe(true);
});
