import { once } from 'node:events';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../runtime/redis.js';
import { startTestRedis } from '../testing/redis.js';
import { openJobOrder } from './job-order.js';
import { expandJobId, queuePrefix } from './jobs.js';
import { openQueues } from './open-queues.js';
import { openQueue } from './queue.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const queue = openQueue(connection, settings.prefix);
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

it('reaches a Redis that was not there when the queue was opened', async () => {
  const late = connectRedis(settings, 'prompt');
  const early = openQueue(late, settings.prefix);
  onTestFinished(async () => {
    await early.close();
    late.disconnect();
  });
  await expect(early.waiting()).rejects.toThrow();
  await once(late, 'ready');
  expect(await early.waiting()).toBe(0);
});

const IMAGES = `${queuePrefix(settings.prefix)}:images`;
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
  const add = (id: string, owner: string) =>
    order.add(
      'images',
      { id, name: 'process-image', data: '{}', opts: '{}', timestamp: 1 },
      { owner, flow: 'a' },
    );
  for (const jobId of ['a1', 'a2', 'a3']) await add(jobId, 'alice');
  await add('b1', 'bob');
  await connection.zrem(`${IMAGES}:prioritized`, 'a1');
  // Its number is that of b1, which is next.
  expect(await order.renumber('images', 'a1', 'alice')).toBe(false);
  await connection.zrem(`${IMAGES}:prioritized`, 'b1');
  expect(await order.renumber('images', 'a1', 'alice')).toBe(true);
});

it('adds a job as BullMQ does', async () => {
  const { images } = openQueues(connection, settings.prefix);
  onTestFinished(() => images.close());
  const imageId = `img_${'ab'.repeat(16)}`;
  const read = async () => {
    const { opts = '', ...job } = await connection.hgetall(`${IMAGES}:${imageId}-1`);
    const waiting = await connection.zrange(`${IMAGES}:prioritized`, '0', '-1', 'WITHSCORES');
    const marker = await connection.zrange(`${IMAGES}:marker`, '0', '-1', 'WITHSCORES');
    const { priority: _, timestamp: __, ...options } = JSON.parse(opts);
    return { job: { ...job, timestamp: '' }, options, waiting, marker };
  };
  for (const isPaused of [false, true]) {
    await connection.flushall();
    if (isPaused) await images.pause();
    await queue.enqueue({
      id: imageId,
      run: 1,
      owner: 'alice',
      flow: 'a',
      isItem: false,
      needsSource: false,
    });
    const own = await read();
    await connection.flushall();
    if (isPaused) await images.pause();
    const { name, data, priority } = own.job as Record<string, string>;
    await images.add(name ?? '', JSON.parse(data ?? ''), { ...own.options, priority: Number(priority) });
    expect(own).toEqual(await read());
    expect(own.marker).toHaveLength(isPaused ? 0 : 2);
  }
});
