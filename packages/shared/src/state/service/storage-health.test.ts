import { afterAll, beforeEach, expect, it } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { recordKeys } from '../record-keys.js';
import { openStorageHealth } from './storage-health.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
afterAll(() => redis.stop());
beforeEach(() => connection.flushall());

const openWorker = () => openStorageHealth(connection, settings.prefix);
const fault = (code: string, minute: number) => ({
  code,
  since: `2026-01-01T00:0${minute}:00.000Z`,
  fix: { en: 'Check the key.', zh: '请检查密钥。' },
});
const faults = () => connection.zrange(recordKeys(settings.prefix).storageFaults, 0, '-1', 'WITHSCORES');

it('keeps the fault of a worker when OSS works again for another', async () => {
  const [one, other, api] = [openWorker(), openWorker(), openWorker()];
  expect(await api.read()).toBe(null);
  await one.report(fault('AccessDenied', 2));
  await other.report(fault('AccessDenied', 2));
  await other.clear();
  expect(await api.read()).toEqual(fault('AccessDenied', 2));
  await one.clear();
  expect(await api.read()).toBe(null);
});

it('reads the fault that has lasted longest, and the latest code of a worker', async () => {
  const [one, other] = [openWorker(), openWorker()];
  await other.report(fault('NoSuchBucket', 3));
  await one.report(fault('AccessDenied', 2));
  await one.report(fault('ServiceUnavailable', 2));
  expect(await other.read()).toEqual(fault('ServiceUnavailable', 2));
  await one.clear();
  expect(await one.read()).toEqual(fault('NoSuchBucket', 3));
});

it('forgets the fault of a worker that no longer reports it', async () => {
  const [one, other] = [openWorker(), openWorker()];
  await one.report(fault('AccessDenied', 2));
  const [report = ''] = await faults();
  await connection.zadd(recordKeys(settings.prefix).storageFaults, Date.now() - 1, report);
  expect(await other.read()).toBe(null);
  await other.report(fault('NoSuchBucket', 3));
  expect(await faults()).toHaveLength(2);
  expect(await connection.pttl(recordKeys(settings.prefix).storageFaults)).toBeGreaterThan(60_000);
});
