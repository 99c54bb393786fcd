import { randomBytes } from 'node:crypto';
import { type JobHandlers, queuePrefix } from '@pixdock/shared/queue/jobs';
import { openQueue } from '@pixdock/shared/queue/queue';
import { createLog } from '@pixdock/shared/runtime/log';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { startQueueWorker } from '../queue-worker.js';
import { openTestEvents } from '../testing/test-events.js';
import { concurrencyFor, takeTurnsWithManyJobs } from './take-turns.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const { prefix } = settings;
const queue = openQueue(connection, prefix);
afterAll(async () => {
  await queue.close();
  await redis.stop();
});
beforeEach(() => connection.flushall());

const newBatchId = () => `bat_${randomBytes(16).toString('hex')}`;
/** Below the time of a test, so that a failure names its condition. */
const LONG = { timeout: 50_000 };
const BOBS = newBatchId();
const single = (owner: string) => testRecord({ owner });
const item = (owner: string, batchId: string) => testRecord({ owner, batchId });
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);

async function add(...records: ImageRecord[]): Promise<void> {
  for (const record of records) await queue.enqueue(runOf(record));
}

/**
 * Serves the waiting images one at a time, and says in which order. `meanwhile` sees each one before the next is taken.
 * @param delayed how many of the others are delayed before the end
 */
async function serve(
  count: number,
  meanwhile: (imageId: string, served: number) => Promise<unknown> = async () => {},
  delayed = 0,
): Promise<string[]> {
  const order: string[] = [];
  const handle: JobHandlers['process-image'] = async ({ imageId }) => {
    if (order.length === count) return { outcome: 'again', afterMs: 60_000 };
    order.push(imageId);
    await meanwhile(imageId, order.length);
    return { outcome: 'done' };
  };
  const handlers = { 'process-image': handle, 'process-item': handle } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const base = { connection, prefix, concurrency: 1, log, events: openTestEvents() };
  const workers = [startQueueWorker('images', handlers, base), startQueueWorker('items', handlers, base)];
  await expect.poll(() => order.length, LONG).toBe(count);
  const countDelayed = () => connection.zcard(`${queuePrefix(prefix)}:images:delayed`);
  await expect.poll(countDelayed, LONG).toBeGreaterThanOrEqual(delayed);
  await Promise.all(workers.map((worker) => worker.stop(0)));
  return order;
}

/** The places, from 1, at which images were served. */
const places = (order: string[], records: ImageRecord[]) => records.map(({ id }) => order.indexOf(id) + 1);

it('alternates between a new owner and the backlog of another', async () => {
  await add(...times(1000, () => single('alice')));
  const bobs = times(10, () => single('bob'));
  await add(...bobs);
  expect(await queue.waiting()).toBe(1010);
  const order = await serve(40);
  for (const [i, place] of places(order, bobs).entries()) {
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThanOrEqual(2 * (i + 1));
  }
});

it('serves an owner whose backlog ended in turn with a new one', async () => {
  await add(...times(50, () => single('alice')));
  await serve(50);
  const alices = times(10, () => single('alice'));
  const bobs = times(30, () => single('bob'));
  await add(...bobs, ...alices);
  const order = await serve(40);
  for (const [i, place] of places(order, alices).entries()) expect(place).toBeLessThanOrEqual(2 * (i + 1));
  for (const [i, place] of places(order, bobs).entries())
    expect(place).toBeLessThanOrEqual(Math.max(2 * i + 1, i + 11));
});

it('ignores the low number of a delayed image that returns to the queue', async () => {
  await add(single('alice'), single('alice'));
  // The worker takes the second one, too, and delays it.
  await serve(1, async () => {}, 1);
  const alices = times(60, () => single('alice'));
  await add(...alices);
  await serve(40);
  await add(single('alice'));
  await queue.endDelays();
  await add(...times(30, () => single('bob')));
  const order = await serve(30);
  const isAlices = new Set(alices.map(({ id }) => id));
  expect(order.filter((id) => isAlices.has(id)).length).toBeGreaterThanOrEqual(5);
});

it('keeps the order of the images of one owner while the backlog shrinks and grows', async () => {
  const alices = times(30, () => single('alice'));
  await add(...alices);
  const order = await serve(250, async (_, served) => {
    // Between 5 and 40 wait at any time: new images would find lower numbers than old ones if these were counts.
    const more = Math.floor(served / 25) % 2 === 0 ? 0 : 2;
    const next = times(served % 25 === 24 ? 20 : more, () => single('alice'));
    alices.push(...next);
    await add(...next);
  });
  expect(order).toEqual(alices.slice(0, 250).map(({ id }) => id));
});

it('does not let a hundred batches of one owner slow down a batch of another', async () => {
  const batches = times(100, newBatchId);
  for (let i = 0; i < 5; i++) await add(...batches.map((id) => item('alice', id)));
  const bobs = times(20, () => item('bob', BOBS));
  await add(...bobs);
  const order = await serve(60);
  // The first of alice's batches was alone when it came: her turns come up to 5 times as often until its items are served.
  expect(Math.max(...places(order, bobs))).toBeLessThanOrEqual(50);
  expect(places(order, bobs)).not.toContain(0);
});

it('alternates between a small batch and a large one of the same owner', async () => {
  const large = newBatchId();
  await add(...times(500, () => item('alice', large)));
  const small = newBatchId();
  const smalls = times(10, () => item('alice', small));
  await add(...smalls);
  const order = await serve(40);
  expect(places(order, smalls)).not.toContain(0);
  expect(Math.max(...places(order, smalls))).toBeLessThanOrEqual(32);
});

it('limits the turns of an owner who submits endless small batches', async () => {
  await add(...times(20, () => item('alice', newBatchId())));
  const bobs = times(40, () => item('bob', BOBS));
  await add(...bobs);
  // A new batch for each that ends.
  const isBobs = new Set(bobs.map(({ id }) => id));
  const order = await serve(140, async (id) => {
    if (!isBobs.has(id)) await add(item('alice', newBatchId()));
  });
  expect(places(order, bobs)).not.toContain(0);
});

it('neither adds nor counts a job that is in the queue already', async () => {
  const waiting = single('alice');
  await add(...times(200, () => waiting));
  const next = single('alice');
  await add(...times(30, () => single('bob')), next);
  expect(places(await serve(32), [next])[0]).toBeLessThanOrEqual(4);
});

it('serves a new upload among the first once an outage ends that held a hundred images of another owner', async () => {
  const alices = times(100, () => single('alice'));
  await add(...alices);
  let isOutage = true;
  const order: string[] = [];
  const held = new Set<string>();
  const handle: JobHandlers['process-image'] = async ({ imageId }) => {
    if (!isOutage) order.push(imageId);
    else held.add(imageId);
    return isOutage ? { outcome: 'again', afterMs: 3_600_000 } : { outcome: 'done' };
  };
  const handlers = { 'process-image': handle } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const during = startQueueWorker('images', handlers, {
    connection,
    prefix,
    concurrency: 4,
    log,
    events: openTestEvents(),
  });
  await expect.poll(() => held.size, LONG).toBe(100);
  await during.stop(0);
  const bobs = single('bob');
  await add(bobs);
  isOutage = false;
  await queue.endDelays();
  const after = startQueueWorker('images', handlers, {
    connection,
    prefix,
    concurrency: 1,
    log,
    events: openTestEvents(),
  });
  await expect.poll(() => order.length, LONG).toBe(101);
  await after.stop(0);
  expect(order.indexOf(bobs.id)).toBeLessThan(3);
  expect(new Set(order)).toEqual(new Set([...alices, bobs].map(({ id }) => id)));
});

it('keeps the order when the priorities reach the limit of BullMQ', async () => {
  const counters = `${prefix}:order:images`;
  await connection.hset(counters, { base: 0, serving: 0, highest: 2 ** 20 - 30 });
  // A delayed job prevents the reset of the numbers in an idle queue.
  const delayed = `${queuePrefix(prefix)}:images:delayed`;
  await connection.zadd(delayed, 2 ** 53, 'held');
  await connection.hset(`${queuePrefix(prefix)}:images:held`, { priority: 2 ** 20 });
  const alices = times(60, () => single('alice'));
  await add(...alices);
  const bobs: ImageRecord[] = [];
  const order = await serve(80, async () => {
    if (bobs.length === 20) return;
    const next = single('bob');
    bobs.push(next);
    await add(next);
  });
  expect(order.filter((id) => alices.some((one) => one.id === id))).toEqual(alices.map(({ id }) => id));
  for (const [i, place] of places(order, bobs).entries()) expect(place).toBeLessThanOrEqual(2 * i + 4);
  const first = single('alice');
  await add(first);
  const score = await connection.zscore(`${queuePrefix(prefix)}:images:prioritized`, `${first.id}-1`);
  expect(Number(score) / 2 ** 32).toBeLessThan(2 ** 20 + 100);
  expect(Number(await connection.hget(counters, 'base'))).toBeGreaterThan(2 ** 20 - 40);
  expect(Number(await connection.hget(`${queuePrefix(prefix)}:images:held`, 'priority'))).toBeLessThan(100);
});

it('serves the batch of one owner after few passes over twenty batches of another', async () => {
  const alices = times(20, newBatchId);
  let isBobsServed = false;
  let passes = 0;
  const handle: JobHandlers['expand-batch'] = async ({ owner }) => {
    if (owner === 'bob') isBobsServed = true;
    else passes++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return owner === 'bob' ? { outcome: 'done' } : { outcome: 'again', afterMs: 0 };
  };
  const handlers = {
    'expand-batch': takeTurnsWithManyJobs(2)(handle),
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  for (const id of alices) await queue.expand({ id, owner: 'alice' });
  const base = { connection, prefix, log, events: openTestEvents() };
  const worker = startQueueWorker('upkeep', handlers, { ...base, concurrency: concurrencyFor(2) });
  try {
    await expect.poll(() => passes, LONG).toBeGreaterThan(20);
    const before = passes;
    await queue.expand({ id: BOBS, owner: 'bob' });
    await expect.poll(() => isBobsServed, { ...LONG, interval: 1 }).toBe(true);
    expect(passes - before).toBeLessThan(10);
  } finally {
    await worker.stop(0);
  }
});

it('serves an owner within seconds while the slow images of another hold all their places', async () => {
  await add(...times(100, () => single('alice')));
  let inProgress = 0;
  let served = 0;
  const handle: JobHandlers['process-image'] = async ({ owner }, { signal }) => {
    if (owner === 'bob') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      served++;
      return { outcome: 'done' };
    }
    inProgress++;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    inProgress--;
    return { outcome: 'again', afterMs: 0 };
  };
  const handlers = {
    'process-image': takeTurnsWithManyJobs(4)(handle),
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const base = { connection, prefix, log, events: openTestEvents() };
  const worker = startQueueWorker('images', handlers, { ...base, concurrency: concurrencyFor(4) });
  try {
    await expect.poll(() => inProgress, LONG).toBe(4);
    await add(...times(20, () => single('bob')));
    await expect.poll(() => served, LONG).toBe(20);
    expect(inProgress).toBe(4);
  } finally {
    await worker.stop(0);
  }
});
