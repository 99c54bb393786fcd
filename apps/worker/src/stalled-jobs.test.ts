import { bullmqKeys } from '@pixdock/shared/queue/bullmq-keys';
import { processJobId, QUEUE_NAMES, stalledCheckKey } from '@pixdock/shared/queue/jobs';
import { openQueue } from '@pixdock/shared/queue/queue';
import { createLog } from '@pixdock/shared/runtime/log';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { requeueStalledJobs } from './stalled-jobs.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const { prefix } = settings;
beforeEach(() => connection.flushall());
afterAll(() => redis.stop());

const LONG = { timeout: 10_000 };
const log = createLog('test', { level: 'silent' });
const check = (stalled: number) =>
  onTestFinished(requeueStalledJobs(QUEUE_NAMES, { connection, prefix, log, clocks: { stalled } }));
const keys = bullmqKeys(prefix, 'images');

/** A job that a worker had taken when it was killed, and whose lock has expired. */
async function addStalledJob(): Promise<string> {
  const queue = openQueue(connection, prefix);
  const record = testRecord();
  await queue.enqueue(runOf(record));
  await queue.close();
  const jobId = processJobId(record.id, record.run);
  await connection.zrem(keys.prioritized, jobId);
  await connection.lpush(keys.active, jobId);
  return jobId;
}

it('returns the jobs of a dead worker to their queue, but not those with a lock', async () => {
  const [stalled, locked] = [await addStalledJob(), await addStalledJob()];
  await connection.set(`${keys.jobs}${locked}:lock`, 'token', 'EX', 60);
  check(100);
  await expect.poll(() => connection.lrange(keys.wait, 0, -1), LONG).toEqual([stalled]);
  expect(await connection.lrange(keys.active, 0, -1)).toEqual([locked]);
});

const callsOf = async (command: string) =>
  Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await connection.info('commandstats'))?.[1] ?? 0);

it('asks Redis once per check for all queues while no job is in progress', async () => {
  await connection.config('RESETSTAT');
  check(100);
  await expect.poll(() => callsOf('exists'), LONG).toBeGreaterThan(5);
  expect(await callsOf('evalsha')).toBe(0);
});

it('checks once for all workers', async () => {
  const locked = await addStalledJob();
  await connection.set(`${keys.jobs}${locked}:lock`, 'token', 'EX', 60);
  await connection.config('RESETSTAT');
  for (let worker = 0; worker < 10; worker++) check(100);
  await expect.poll(() => callsOf('set'), LONG).toBeGreaterThan(100);
  expect(await callsOf('evalsha')).toBeLessThan(20);
});

it('checks at once after the clock of Redis was set back', async () => {
  const intervals = [stalledCheckKey(prefix), keys.stalledCheck];
  for (const key of intervals) await connection.set(key, '1', 'EX', 3600);
  const queue = openQueue(connection, prefix);
  await queue.endDelays();
  await queue.close();
  expect(await connection.exists(intervals)).toBe(0);
});
