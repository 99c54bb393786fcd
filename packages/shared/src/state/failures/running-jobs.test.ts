import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startTestRedis } from '../../testing/redis.js';
import { stub } from '../../testing/stub.js';
import { openRunningJobs } from './running-jobs.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
afterEach(() => void vi.useRealTimers());

const schema = z.object({ id: z.string(), owner: z.string(), status: z.enum(['running', 'finished']) });
const jobs = openRunningJobs(redis.connection, redis.settings.prefix, 'job', schema);
const job = (id: string, owner = 'acme') => ({ id, owner, status: 'running' as const });
const finished = (id: string, owner = 'acme') => ({ ...job(id, owner), status: 'finished' as const });
const MINUTE_MS = 60_000;

it('counts a job for a minute until it is queued, and then until it ends', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const create = async (from: number) => {
    const five = Array.from({ length: 5 }, (_, i) => job(`job-${from + i}`));
    return (await Promise.all(five.map((one) => jobs.create(one)))).filter((one) => one !== null).length;
  };
  expect([await create(0), await create(5)]).toEqual([5, 5]);
  for (let i = 0; i < 5; i++) await jobs.keep(job(`job-${i}`));
  expect(await jobs.create(job('late'))).toBe(null);
  expect(await jobs.get('late')).toBe(null);
  vi.setSystemTime(Date.now() + MINUTE_MS + 1);
  expect(await create(10)).toBe(5);
  expect(await jobs.create(job('late'))).toBe(null);
  await jobs.save(finished('job-0'));
  expect(await jobs.create(job('late'))).toEqual(job('late'));
});

it('counts no job that has ended before it is kept', async () => {
  await jobs.create(job('quick', 'other'));
  await jobs.save(finished('quick', 'other'));
  await jobs.keep(job('quick', 'other'));
  for (let i = 0; i < 10; i++) expect(await jobs.create(job(`next-${i}`, 'other'))).not.toBe(null);
});

it('keeps the job that a request has when the request is repeated', async () => {
  const stored = { ...job('repeated', 'third'), progress: 7 };
  const withProgress = openRunningJobs(
    redis.connection,
    redis.settings.prefix,
    'job',
    schema.extend({ progress: z.number() }),
  );
  await withProgress.create(stored);
  expect(await withProgress.create({ ...stored, progress: 0 })).toEqual(stored);
  await withProgress.save({ ...stored, status: 'finished' });
  expect((await withProgress.create(stored))?.status).toBe('finished');
  for (let i = 0; i < 10; i++) expect(await jobs.create(job(`more-${i}`, 'third'))).not.toBe(null);
});

it('fails no request whose job is queued when Redis does not respond to its count', async () => {
  const zadd = () => Promise.reject(new Error('Command timed out'));
  const disconnected = openRunningJobs(stub<typeof redis.connection>({ zadd }), 'p', 'job', schema);
  await expect(disconnected.keep(job('job'))).resolves.toBe(undefined);
});

it('brings back no job that Redis lost while it ran', async () => {
  await jobs.create(job('lost', 'fourth'));
  await redis.connection.flushall();
  await jobs.save(job('lost', 'fourth'));
  expect(await jobs.get('lost')).toBe(null);
});

it('shows the latest 100 finished jobs of an owner', async () => {
  const { connection, settings } = redis;
  await jobs.create(job('running', 'fifth'));
  await jobs.save(job('running', 'fifth'));
  for (let i = 0; i < 102; i++) {
    await jobs.create(job(`one-${i}`, 'fifth'));
    await jobs.save(finished(`one-${i}`, 'fifth'));
  }
  expect(await jobs.get('one-0')).toBe(null);
  expect(await jobs.get('one-101')).toEqual(finished('one-101', 'fifth'));
  expect(await jobs.get('running')).not.toBe(null);
  expect(await connection.zcard(`${settings.prefix}:job:finished:fifth`)).toBe(100);
});
