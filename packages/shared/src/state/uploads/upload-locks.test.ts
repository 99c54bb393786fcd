import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../../runtime/redis.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { openUploadLocks, type UploadLock } from './upload-locks.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

/** The locks of one process. */
async function openLocks() {
  const { settings, connection } = redis;
  const subscriber = connectRedis(settings, 'patient', () => {});
  onTestFinished(() => subscriber.disconnect());
  const locks = openUploadLocks(connection, subscriber, settings.prefix);
  const channel = `${settings.prefix}:upload-lock-requests`;
  await expect.poll(async () => (await connection.pubsub('NUMSUB', channel))[1]).toBeGreaterThan(0);
  return locks;
}

let made = 0;
const newId = () => `upl_${made++}`;

it('asks the holder in another process to release the lock, and takes it', async () => {
  const [one, other] = [await openLocks(), await openLocks()];
  const id = newId();
  const first = (await one.acquire(id)) as UploadLock;
  expect(first.signal.aborted).toBe(false);
  const second = other.acquire(id);
  await expect.poll(() => first.signal.aborted).toBe(true);
  await first[Symbol.asyncDispose]();
  await using lock = await second;
  expect(lock?.signal.aborted).toBe(false);
});

it('gives up when the holder does not release the lock', async () => {
  const locks = await openLocks();
  const id = newId();
  await using first = await locks.acquire(id);
  expect(first).not.toBe(null);
  expect(await locks.acquire(id, 150)).toBe(null);
  await using other = await locks.acquire(newId());
  expect(other).not.toBe(null);
});

it('lets only a few requests wait for one lock', async () => {
  const locks = await openLocks();
  const id = newId();
  const first = (await locks.acquire(id)) as UploadLock;
  const waiting = Array.from({ length: 4 }, () => locks.acquire(id, 60_000));
  await expect.poll(() => first.signal.aborted).toBe(true);
  expect(await locks.acquire(id, 60_000)).toBe(null);
  const taken = waiting.map(async (one) => {
    await using lock = await one;
    return lock !== null;
  });
  await first[Symbol.asyncDispose]();
  expect(await Promise.all(taken)).toEqual([true, true, true, true]);
});

it('takes the lock of a process that died once it expires', async () => {
  const locks = await openLocks();
  const id = newId();
  const key = `${redis.settings.prefix}:upload-lock:${id}`;
  await redis.connection.set(key, 'token of a dead process', 'PX', 300);
  await using lock = await locks.acquire(id, 5000);
  expect(lock).not.toBe(null);
  expect(await redis.connection.pttl(key)).toBeGreaterThan(300);
});

it('releases no lock that another process has', async () => {
  const locks = await openLocks();
  const id = newId();
  const key = `${redis.settings.prefix}:upload-lock:${id}`;
  const first = await locks.acquire(id);
  await redis.connection.set(key, 'token of another process');
  await first?.[Symbol.asyncDispose]();
  expect(await redis.connection.get(key)).toBe('token of another process');
});
