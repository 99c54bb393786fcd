import { sleep } from '@pixdock/shared/runtime/clock';
import { createLog } from '@pixdock/shared/runtime/log';
import { openClaimBytes } from '@pixdock/shared/state/idempotency/claim-bytes';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_LIMITS, type OwnerLimits } from './settings.js';
import { openSharedCounts } from './shared-counts.js';
import { openShares, type Shares } from './shares.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => void (await redis.connection.flushall()));

/** The shares of one API process. */
function open(own: Partial<OwnerLimits> = {}, apply = true): Shares {
  const { connection, settings } = redis;
  const of = () => ({ ...DEFAULT_LIMITS, ...own });
  const counts = openSharedCounts(connection, settings.prefix);
  const shares = openShares(
    connection,
    settings.prefix,
    { of },
    counts,
    () => apply,
    createLog('test', { level: 'silent' }),
  );
  onTestFinished(() => {
    shares.stop();
    counts.stop();
  });
  return shares;
}

const keys = () => recordKeys(redis.settings.prefix);
const refused = (name: string, limit: number) => ({ code: 'rate_limited', quota: { name, limit } });

const MIB = 1024 ** 2;

it('refuses images for review while too many are held', async () => {
  const { connection } = redis;
  await connection.zadd(keys().ofHeld('alice'), 1, 'img_1', 2, 'img_2');
  await open({ heldImages: 3 }).admitReviewed('alice');
  const full = open({ heldImages: 2 });
  await expect(full.admitReviewed('alice')).rejects.toMatchObject(refused('held-images', 2));
  await full.admitReviewed('bob');
  await full.admit('alice', 'image');
  await open({ heldImages: 2 }, false).admitReviewed('alice');
});

it('reports the remaining POSTs and when the window ends', () => {
  const shares = open({ postsPerMinute: 2 });
  expect(shares.countRequest('alice', 'post')).toMatchObject({ remaining: 1, resetSeconds: 60 });
  shares.countRequest('alice', 'post');
  const error = thrownBy(() => shares.countRequest('alice', 'post'));
  expect(error).toMatchObject({ ...refused('posts', 2), quota: { windowSeconds: 60 } });
  expect(error).toHaveProperty('retryAfterSeconds', 60);
  expect(shares.countRequest('bob', 'post')).toMatchObject({ remaining: 1 });
});

it.each(['post', 'get'] as const)(
  'adds up the requests (%s) of all processes once a second',
  async (kind) => {
    const limits = { postsPerMinute: 5, getsPerMinute: 5 };
    const [one, other] = [open(limits), open(limits)];
    for (let i = 0; i < 3; i++) one.countRequest('alice', kind);
    const key = `${redis.settings.prefix}:rate:${kind}s:alice`;
    await expect.poll(() => redis.connection.get(key), { timeout: 10_000 }).toBe('3');
    for (let i = 0; i < 2; i++) other.countRequest('alice', kind);
    await expect.poll(() => redis.connection.get(key), { timeout: 10_000 }).toBe('5');
    expect(thrownBy(() => other.countRequest('alice', kind))).toMatchObject(refused(`${kind}s`, 5));
    expect(other.countRequest('bob', kind)).toMatchObject({ remaining: 4 });
  },
);

it('ends the window of requests when that of the other processes ends', async () => {
  const shares = open({ getsPerMinute: 5 });
  const key = `${redis.settings.prefix}:rate:gets:alice`;
  await redis.connection.set(key, 3, 'PX', 40_000);
  expect(shares.countRequest('alice', 'get')).toMatchObject({ remaining: 4, resetSeconds: 60 });
  await expect.poll(() => redis.connection.get(key), { timeout: 10_000 }).toBe('4');
  const rate = shares.countRequest('alice', 'get');
  expect(rate?.remaining).toBe(0);
  expect(rate?.resetSeconds).toBeLessThanOrEqual(40);
});

it.each(['acquireUpload', 'acquireWait'] as const)(
  '%s counts in all processes until it is released',
  async (acquire) => {
    const limits = { uploads: 2, waits: 2 };
    const [one, other] = [open(limits), open(limits)];
    const first = await one[acquire]('alice');
    await other[acquire]('alice');
    await expect(one[acquire]('alice')).rejects.toMatchObject({ code: 'rate_limited', quota: { limit: 2 } });
    await one[acquire]('bob');
    first.release();
    first.release();
    await one[acquire]('alice');
    await expect(other[acquire]('alice')).rejects.toMatchObject({ quota: { unit: 'concurrent-requests' } });
  },
);

it('frees the leases of a killed process when they expire', async () => {
  const shares = open({ uploads: 1 });
  const key = `${redis.settings.prefix}:held:uploads:alice`;
  await redis.connection.zadd(key, Date.now() + 60_000, 'of a killed process');
  await expect(shares.acquireUpload('alice')).rejects.toMatchObject(refused('uploads', 1));
  await redis.connection.zadd(key, Date.now() - 1, 'of a killed process');
  await shares.acquireUpload('alice');
});

it('stores only keys that expire', async () => {
  const shares = open();
  shares.countRequest('alice', 'post');
  await shares.acquireUpload('alice');
  await (await shares.admit('alice', 'batch')).countItem(0);
  await expect.poll(() => redis.connection.keys('*'), { timeout: 10_000 }).toHaveLength(4);
  const names = await redis.connection.keys('*');
  for (const name of names) expect(await redis.connection.pttl(name)).toBeGreaterThan(0);
});

it('refuses images over the limits of waiting images and of bytes in Redis', async () => {
  const shares = open({ waitingImages: 2, redisBytes: 3 * MIB });
  await redis.connection.hset(keys().recordBytes, 'alice', 2 * MIB);
  await redis.connection.zadd(keys().ofStatus('alice', 'queued'), 1, 'a');
  await shares.admit('alice', 'image');
  await redis.connection.zadd(keys().ofStatus('alice', 'queued'), 2, 'b');
  await expect(shares.admit('alice', 'image')).rejects.toMatchObject(refused('waiting-images', 2));
  await redis.connection.zrem(keys().ofStatus('alice', 'queued'), 'b');
  await redis.connection.hset(keys().recordBytes, 'alice', 3 * MIB);
  await expect(shares.admit('alice', 'image')).rejects.toMatchObject(refused('redis', 3 * MIB));
  await shares.admit('bob', 'image');
});

it('refuses an owner who has three quarters of the memory of Redis, however high the limit is', async () => {
  const shares = open({ redisBytes: 1024 * MIB });
  await redis.connection.config('SET', 'maxmemory', 400 * MIB);
  onTestFinished(async () => void (await redis.connection.config('SET', 'maxmemory', 0)));
  await redis.connection.hset(keys().recordBytes, 'alice', 300 * MIB - 1);
  await shares.admit('alice', 'image');
  await redis.connection.hset(keys().recordBytes, 'alice', 300 * MIB);
  for (const work of ['image', 'batch'] as const)
    await expect(shares.admit('alice', work)).rejects.toMatchObject(refused('redis', 300 * MIB));
  await shares.admit('bob', 'image');
});

it('reads once a second what an owner has that is far from the limits', async () => {
  const shares = open();
  await shares.admit('alice', 'image');
  await redis.connection.hset(keys().recordBytes, 'alice', DEFAULT_LIMITS.redisBytes);
  await shares.admit('alice', 'image');
  await expect
    .poll(() => shares.admit('alice', 'image').catch((error: unknown) => error), { timeout: 10_000 })
    .toMatchObject(refused('redis', DEFAULT_LIMITS.redisBytes));
});

it('counts records, batches, webhook events and responses as bytes of Redis, and says how many each takes', async () => {
  const shares = open({ redisBytes: 3 * MIB });
  // By which the record of the image that waits grows.
  await redis.connection.hset(keys().recordBytes, 'alice', MIB - 1024);
  await redis.connection.zadd(keys().ofStatus('alice', 'queued'), 1, 'a');
  await openClaimBytes(redis.connection, redis.settings.prefix).add('alice', 'x'.repeat(MIB));
  await redis.connection.hset(keys().eventBytes('alice'), 'all', MIB / 2);
  await shares.admit('alice', 'image');
  for (let i = 0; i < 512; i++) await redis.connection.zadd(keys().batchesOf('alice'), i, `batch-${i}`);
  for (const work of ['image', 'batch'] as const) {
    const full = await shares.admit('alice', work).catch((error: unknown) => error);
    expect(full).toMatchObject(refused('redis', 3 * MIB));
    const sums =
      'images and batches 1.5 MiB, webhook events 512.0 KiB, responses kept for an Idempotency-Key 1.0 MiB';
    expect((full as Error).message).toContain(
      `You would take 3.0 MiB of Redis, and may take 3.0 MiB: your ${sums}`,
    );
  }
});

it('admits retries by waiting images and by the items of the hour, all or none', async () => {
  const shares = open({ waitingImages: 5, itemsPerHour: 8, redisBytes: 1 });
  await redis.connection.hset(keys().recordBytes, 'alice', 2);
  await redis.connection.zadd(keys().ofStatus('alice', 'queued'), 1, 'a', 2, 'b');
  const retried = (count: number) => shares.admit('alice', { retried: count });
  await expect(retried(4)).rejects.toMatchObject(refused('waiting-images', 5));
  await retried(3);
  await retried(3);
  await expect(retried(3)).rejects.toMatchObject(refused('items', 8));
  await retried(2);
  await expect(retried(1)).rejects.toMatchObject({ ...refused('items', 8), retryAfterSeconds: 3600 });
});

it('counts open batches and batches that are being received', async () => {
  const shares = open({ openBatches: 2 });
  await openBatch('one', 'alice');
  await openBatch('two', 'bob');
  await openBatch('three', 'bob');
  const receiving = await shares.admit('alice', 'batch');
  await expect(shares.admit('alice', 'batch')).rejects.toMatchObject(refused('open-batches', 2));
  await receiving[Symbol.asyncDispose]();
  await shares.admit('alice', 'batch');
  await expect(shares.admit('bob', 'batch')).rejects.toMatchObject(refused('open-batches', 2));
});

it('counts the bytes of items that have no record yet', async () => {
  const shares = open({ redisBytes: 37.5 * 1024 });
  // Two batches of 1 KiB, seven items of 1 KiB each, and 2.5 KiB beside each.
  await openBatch('one', 'alice', { total: 9, next: 2, bytes: 9 * 1024 });
  await redis.connection.hset(keys().recordBytes, 'alice', 1024);
  const batch = await shares.admit('alice', 'batch');
  await batch.countItem(1024);
  await batch.countItem(1024);
  await expect(batch.countItem(1024)).rejects.toMatchObject(refused('redis', 37.5 * 1024));
});

it('refuses items over the hourly limit in mid-stream, and frees the items of the refused batch', async () => {
  const shares = open({ itemsPerHour: 100 });
  const small = await shares.admit('alice', 'batch');
  for (let i = 0; i < 10; i++) await small.countItem(0);
  small.keep();
  await small[Symbol.asyncDispose]();

  const large = await shares.admit('alice', 'batch');
  for (let i = 0; i < 90; i++) await large.countItem(0);
  await expect(large.countItem(0)).rejects.toMatchObject({
    ...refused('items', 100),
    retryAfterSeconds: 3600,
  });
  await large[Symbol.asyncDispose]();

  const fitting = await shares.admit('alice', 'batch');
  for (let i = 0; i < 90; i++) await fitting.countItem(0);
  fitting.keep();
  await fitting[Symbol.asyncDispose]();
  await expect((await shares.admit('alice', 'batch')).countItem(0)).rejects.toMatchObject(
    refused('items', 100),
  );
});

it('gives two batches of one owner exactly the remaining items of the hour', async () => {
  const shares = open({ itemsPerHour: 100 });
  const batches = [await shares.admit('alice', 'batch'), await shares.admit('alice', 'batch')];
  const added = [0, 0];
  let refusals = 0;
  for (let i = 0; i < 60; i++)
    for (const [n, batch] of batches.entries())
      await batch.countItem(0).then(
        () => added.splice(n, 1, (added[n] ?? 0) + 1),
        () => refusals++,
      );
  expect(refusals).toBeGreaterThan(0);
  // One batch may hold as many items reserved as it has already.
  const [first = 0, second = 0] = added;
  expect(first + second).toBeLessThanOrEqual(100);
  expect(Math.min(first, second)).toBeGreaterThanOrEqual(30);
  batches[0]?.keep();
  for (const batch of batches) await batch[Symbol.asyncDispose]();
  const last = await shares.admit('alice', 'batch');
  for (let i = first; i < 100; i++) await last.countItem(0);
  await expect(last.countItem(0)).rejects.toMatchObject(refused('items', 100));
});

it('frees the reserved step of a refused batch for other batches', async () => {
  const shares = open({ itemsPerHour: 20 });
  const [one, other] = [await shares.admit('alice', 'batch'), await shares.admit('alice', 'batch')];
  for (let i = 0; i < 15; i++) await one.countItem(0);
  const results = await Promise.allSettled([one.countItem(0), other.countItem(0)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});

it('ends the hour of items an hour after its first reservation', async () => {
  const shares = open({ itemsPerHour: 100 });
  await (await shares.admit('alice', 'batch')).countItem(0);
  const hour = `${redis.settings.prefix}:rate:items:alice`;
  expect(await redis.connection.pttl(hour)).toBeGreaterThan(3_500_000);
  await redis.connection.pexpire(hour, 600_000);
  await (await shares.admit('alice', 'batch')).countItem(0);
  expect(await redis.connection.pttl(hour)).toBeLessThanOrEqual(600_000);
});

it('counts no items of an earlier hour', async () => {
  const shares = open({ itemsPerHour: 4 });
  const batch = await shares.admit('alice', 'batch');
  for (let i = 0; i < 3; i++) await batch.countItem(0);
  // The hour ends.
  await redis.connection.del(`${redis.settings.prefix}:rate:items:alice`);
  await batch.countItem(0);
  batch.keep();
  await batch[Symbol.asyncDispose]();
  expect(await redis.connection.hgetall(`${redis.settings.prefix}:rate:items:alice`)).toEqual({ kept: '2' });
});

it('frees the items that a killed process reserved', async () => {
  const shares = open({ itemsPerHour: 10 });
  const { prefix } = redis.settings;
  await redis.connection.hset(`${prefix}:rate:items:alice`, { 'of a killed process': 8, kept: 1 });
  await redis.connection.zadd(`${prefix}:held:batches:alice`, Date.now() + 60_000, 'of a killed process');
  const batch = await shares.admit('alice', 'batch');
  await batch.countItem(0);
  await expect(batch.countItem(0)).rejects.toMatchObject(refused('items', 10));
  await redis.connection.zadd(`${prefix}:held:batches:alice`, Date.now() - 1, 'of a killed process');
  await batch.countItem(0);
});

it('limits nothing while there is one owner', async () => {
  const shares = open({ postsPerMinute: 1, uploads: 1, waits: 1, openBatches: 1, redisBytes: 1 }, false);
  for (let i = 0; i < 3; i++) {
    expect(shares.countRequest('alice', 'post')).toBeNull();
    await shares.acquireUpload('alice');
    await shares.acquireWait('alice');
    await shares.admit('alice', 'image');
    await shares.admit('alice', 'batch');
  }
  expect(await redis.connection.dbsize()).toBe(0);
});

it('counts in memory while Redis hangs, within a second', async () => {
  const shares = open({ postsPerMinute: 2, uploads: 1 });
  shares.countRequest('alice', 'post');
  await redis.connection.call('CLIENT', 'PAUSE', '8000', 'ALL');
  const began = performance.now();
  await shares.acquireUpload('alice');
  expect(performance.now() - began).toBeLessThan(6000);
  await expect(shares.acquireUpload('alice')).rejects.toMatchObject(refused('uploads', 1));
  // Reports to Redis do not end.
  await sleep(1500);
  shares.countRequest('alice', 'post');
  expect(thrownBy(() => shares.countRequest('alice', 'post'))).toMatchObject(refused('posts', 2));
});

async function openBatch(id: string, owner: string, { total = 1, next = 0, bytes = 0 } = {}): Promise<void> {
  await redis.connection.hset(keys().batch(id), { total, next, bytes });
  await redis.connection.zadd(keys().batchesOf(owner), 1, id);
  await redis.connection.zadd(keys().openBatches, 1, id);
}

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
