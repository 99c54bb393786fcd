import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { stub } from '../../testing/stub.js';
import { openRunningJobs } from './running-jobs.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
afterEach(() => void vi.useRealTimers());

const jobs = openRunningJobs(redis.connection, (owner) => `running:${owner}`);
const MINUTE_MS = 60_000;

it('counts a job for a minute until it is queued, and then until it ends', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const begin = (from: number) =>
    Promise.all(Array.from({ length: 5 }, (_, i) => jobs.begin(`job-${from + i}`, 'acme')));
  const all = Array.from({ length: 5 }, () => true);
  expect([await begin(0), await begin(5)]).toEqual([all, all]);
  for (let i = 0; i < 5; i++) await jobs.keep(`job-${i}`, 'acme');
  expect(await jobs.begin('late', 'acme')).toBe(false);
  vi.setSystemTime(Date.now() + MINUTE_MS + 1);
  expect(await begin(10)).toEqual(all);
  expect(await jobs.begin('late', 'acme')).toBe(false);
  await jobs.end('job-0', 'acme');
  expect(await jobs.begin('late', 'acme')).toBe(true);
});

it('counts no job that has ended before it is kept', async () => {
  await jobs.begin('quick', 'other');
  await jobs.end('quick', 'other');
  await jobs.keep('quick', 'other');
  expect(await redis.connection.zcard('running:other')).toBe(0);
});

it('fails no request whose job is queued when Redis does not respond to its count', async () => {
  const zadd = () => Promise.reject(new Error('Command timed out'));
  const disconnected = openRunningJobs(stub<typeof redis.connection>({ zadd }), String);
  await expect(disconnected.keep('job', 'acme')).resolves.toBe(undefined);
});
