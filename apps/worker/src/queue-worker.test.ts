import { setTimeout as sleep } from 'node:timers/promises';
import { bullmqKeys } from '@pixdock/shared/queue/bullmq-keys';
import { expandJobId, type JobHandlers, processJobId, queuePrefix } from '@pixdock/shared/queue/jobs';
import { openQueue } from '@pixdock/shared/queue/queue';
import { openQueueView } from '@pixdock/shared/queue/queue-view';
import { createLog } from '@pixdock/shared/runtime/log';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { freePort } from '@pixdock/shared/testing/free-port';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startQueueWorker } from './queue-worker.js';
import { requeueStalledJobs } from './stalled-jobs.js';
import { openTestEvents } from './testing/test-events.js';

/** The shortest lock there is. */
const LOCK_MS = 4000;
const CHECK_MS = 500;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

it('keeps the lock of a second attempt at a job when the first attempt ends in the same worker', async () => {
  const { connection, settings } = redis;
  const { prefix } = settings;
  const record = testRecord();
  const attempts: ('begun' | 'done')[] = [];
  const handlers = {
    async 'process-image'() {
      attempts.push('begun');
      if (attempts.length === 1) {
        await connection.del(`${queuePrefix(prefix)}:images:${processJobId(record.id, record.run)}:lock`);
        while (attempts.length === 1) await sleep(10);
        return { outcome: 'again', afterMs: 0 };
      }
      // Longer than the life of a lock without renewal and the interval of the check for stalled jobs together.
      await sleep(LOCK_MS + 2 * CHECK_MS + 1000);
      attempts.push('done');
      return { outcome: 'done' };
    },
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const clocks = { lock: LOCK_MS, stalled: CHECK_MS };
  const worker = startQueueWorker('images', handlers, {
    connection,
    prefix,
    concurrency: 2,
    log,
    events: openTestEvents(),
    clocks,
  });
  const endChecks = requeueStalledJobs(['images'], { connection, prefix, log, clocks });
  const queue = openQueue(connection, prefix);
  try {
    await queue.enqueue(runOf(record));
    while (attempts.at(-1) !== 'done') await sleep(100);
    expect(attempts).toEqual(['begun', 'begun', 'done']);
  } finally {
    endChecks();
    await queue.close();
    await worker.stop(0);
  }
});

it('takes another job for each that has freed its slot, and no more', async () => {
  const { connection, settings } = redis;
  const { prefix } = settings;
  const ends: (() => void)[] = [];
  const handlers = {
    async 'process-image'(_payload, { freeSlot }) {
      const ended = new Promise<void>((resolve) => ends.push(resolve));
      // The first two wait for the network; freeing a slot twice frees one.
      if (ends.length <= 2) for (let i = 0; i < 2; i++) freeSlot();
      await ended;
      return { outcome: 'done' };
    },
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const worker = startQueueWorker('images', handlers, {
    connection,
    prefix,
    concurrency: 1,
    log,
    events: openTestEvents(),
  });
  const queue = openQueue(connection, prefix);
  const active = () => connection.llen(`${queuePrefix(prefix)}:images:active`);
  try {
    await Promise.all(Array.from({ length: 6 }, () => queue.enqueue(runOf(testRecord()))));
    // No job has ended.
    await expect.poll(() => ends.length, { timeout: 10_000 }).toBe(3);
    ends[0]?.();
    await expect.poll(active, { timeout: 10_000 }).toBe(2);
    ends[2]?.();
    await expect.poll(() => ends.length, { timeout: 10_000 }).toBe(4);
    // The second one, and one with the slot.
    expect(await active()).toBe(2);
    ends[1]?.();
    for (let next = 3; next < 6; next++) {
      await expect.poll(() => ends.length, { timeout: 10_000 }).toBeGreaterThan(next);
      ends[next]?.();
    }
    await expect.poll(active, { timeout: 10_000 }).toBe(0);
    // BullMQ would look for stalled jobs again with each slot that is freed.
    expect(await connection.exists(bullmqKeys(prefix, 'images').stalledCheck)).toBe(0);
  } finally {
    for (const end of ends) end();
    await queue.close();
    await worker.stop(0);
  }
});

it('repeats a sweep after a fault of the machine only at its next turn', async () => {
  const { connection, settings } = redis;
  const { prefix } = settings;
  let turns = 0;
  const handlers = {
    async sweep() {
      turns++;
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    },
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const worker = startQueueWorker('upkeep', handlers, {
    connection,
    prefix,
    concurrency: 8,
    log,
    events: openTestEvents(),
  });
  const queue = openQueue(connection, prefix);
  const view = openQueueView(connection, prefix);
  try {
    await queue.scheduleSweep(100);
    await expect.poll(() => turns, { timeout: 10_000 }).toBeGreaterThan(5);
    await worker.stop(0);
    const left = [];
    for await (const { name } of view.jobs()) left.push(name);
    expect(left).toEqual(['sweep']);
  } finally {
    await Promise.all([queue.close(), view.close(), worker.stop(0)]);
  }
});

it('retries a failing job within a minute, however often it failed', async () => {
  const { connection, settings } = redis;
  const { prefix } = settings;
  const batchId = `bat_${'ab'.repeat(16)}`;
  const handlers = {
    async 'expand-batch'() {
      throw new TypeError('a fault in the code');
    },
  } as Partial<JobHandlers> as JobHandlers;
  const log = createLog('test', { level: 'silent' });
  const queue = openQueue(connection, prefix);
  await queue.expand({ id: batchId, owner: 'acme' });
  const job = `${queuePrefix(prefix)}:upkeep:${expandJobId(batchId)}`;
  await connection.hset(job, 'atm', 40);
  const worker = startQueueWorker('upkeep', handlers, {
    connection,
    prefix,
    concurrency: 1,
    log,
    events: openTestEvents(),
  });
  try {
    await expect.poll(() => connection.hget(job, 'atm'), { timeout: 15_000 }).toBe('41');
    const delayMs = Number(await connection.hget(job, 'delay'));
    expect(delayMs).toBeGreaterThan(0);
    expect(delayMs).toBeLessThanOrEqual(60_000);
  } finally {
    await queue.close();
    await worker.stop(0);
  }
});

it('calls the follow-up of a job that is done, once the queue can take the job again', async () => {
  const { connection, settings } = redis;
  const { prefix } = settings;
  const batchId = `bat_${'cd'.repeat(16)}`;
  const queue = openQueue(connection, prefix);
  let passes = 0;
  const handlers = {
    async 'expand-batch'() {
      passes++;
      // The queue still has this job, and adds no other.
      if (passes === 1) await queue.expand({ id: batchId, owner: 'acme' });
      return { outcome: 'done' };
    },
  } as Partial<JobHandlers> as JobHandlers;
  const followed: string[] = [];
  const worker = startQueueWorker('upkeep', handlers, {
    connection,
    prefix,
    concurrency: 1,
    log: createLog('test', { level: 'silent' }),
    events: openTestEvents(),
    followUps: {
      async 'expand-batch'(payload) {
        followed.push(payload.batchId);
        if (followed.length === 1) await queue.expand({ id: payload.batchId, owner: payload.owner });
        else throw new Error('Redis is away');
      },
    },
  });
  try {
    await queue.expand({ id: batchId, owner: 'acme' });
    await expect.poll(() => followed).toEqual([batchId, batchId]);
    expect(passes).toBe(2);
  } finally {
    await queue.close();
    await worker.stop(0);
  }
});

it.each([
  { when: 'never reached Redis', isReached: false },
  { when: 'lost Redis', isReached: true },
])('stops within seconds when no job is in progress and it $when', async ({ isReached }) => {
  const server = isReached ? await startTestRedis() : null;
  const settings = server?.settings ?? { url: `redis://127.0.0.1:${await freePort()}`, prefix: '{none}' };
  const connection = connectRedis(settings, 'patient');
  const worker = startQueueWorker('images', {} as JobHandlers, {
    connection,
    prefix: settings.prefix,
    concurrency: 1,
    log: createLog('test', { level: 'silent' }),
    events: openTestEvents(),
  });
  try {
    if (server === null) await sleep(100);
    else await expect.poll(() => blockedClients(server)).toBe(1);
    await server?.stop();
    const began = performance.now();
    await worker.stop(20_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  } finally {
    connection.disconnect();
  }
});

/** The workers that wait for a job. */
async function blockedClients({ connection }: TestRedis): Promise<number> {
  return Number(/blocked_clients:(\d+)/.exec(await connection.info('clients'))?.[1]);
}
