import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileErrorSkipper } from '@pixdock/shared/runtime/file-errors';
import { createLog } from '@pixdock/shared/runtime/log';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { openRecords } from '@pixdock/shared/state/images/records';
import { openState } from '@pixdock/shared/state/open-state';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { forgetExpired } from './forget-expired.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-expired-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => connection.flushall());

const keys = recordKeys(settings.prefix);
const records = openRecords(connection, settings.prefix);
const NEVER = new AbortController().signal;

/** Ids of images whose retention ended, the first of them longest ago. */
async function expiredImages(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const ended = new Date(Date.now() - 60_000 + i).toISOString();
    const record = testRecord({ status: 'published', finishedAt: ended, expiresAt: ended });
    await records.create(record);
    ids.push(record.id);
  }
  return ids;
}

async function run(signal = NEVER, budgetMs?: number) {
  const lines: { msg: string; count?: number; ids?: string[] }[] = [];
  const log = createLog('test', { destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const staging = await openStaging(dataDir);
  const deps = { ...openState(connection, settings.prefix, staging), staging, log };
  const looked = await forgetExpired(deps, createFileErrorSkipper(log, 'a test'), signal, budgetMs);
  return { looked, lines };
}

it('forgets more images in one run than it reads at a time', async () => {
  const ids = await expiredImages(1500);
  expect((await run()).looked).toBe(1500);
  expect((await records.getMany(ids)).filter((record) => record !== null)).toEqual([]);
  expect(await connection.zcard(keys.expiring)).toBe(0);
});

it('forgets what comes after 1,000 records that cannot be read, names these once, and leaves them for a day', async () => {
  const newer = Array.from({ length: 1000 }, (_, i) => `img_${String(i).padStart(32, '0')}`);
  for (const id of newer) {
    await connection.hset(keys.record(id), { version: '1', doc: '{"status":"reviewing"}' });
    await connection.zadd(keys.expiring, 1000, id);
  }
  const [id = ''] = await expiredImages(1);
  const { lines } = await run();
  expect(await records.get(id)).toBe(null);
  const named = lines.filter(({ count }) => count === 1000);
  expect(named).toHaveLength(1);
  expect(named[0]?.ids).toHaveLength(20);
  expect(newer).toEqual(expect.arrayContaining(named[0]?.ids ?? []));
  expect(await connection.zcard(keys.expiring)).toBe(1000);
  expect((await run()).looked).toBe(0);
  expect(await records.expired(Date.now() + 25 * 3600_000, 2000)).toHaveLength(1000);
});

it.each([
  ['an image', () => `img_${'1'.repeat(32)}`, (id: string) => keys.record(id)],
  ['a batch', () => `bat_${'1'.repeat(32)}`, (id: string) => keys.batch(id)],
])('forgets others beside a key of %s with a wrong type, and names it', async (_, newId, keyOf) => {
  const damaged = newId();
  await connection.set(keyOf(damaged), 'not a hash');
  await connection.zadd(keys.expiring, 1000, damaged);
  const [id = ''] = await expiredImages(1);
  const { lines } = await run();
  expect(await records.get(id)).toBe(null);
  expect(lines.map(({ ids }) => ids)).toContainEqual([damaged]);
  expect((await run()).looked).toBe(0);
});

it('takes an image that has no record any more from the expiring ones', async () => {
  await connection.zadd(keys.expiring, 1000, `img_${'0'.repeat(32)}`, 1000, `bat_${'0'.repeat(32)}`);
  await run();
  expect(await connection.zcard(keys.expiring)).toBe(0);
});

it('stops when its signal aborts or its time budget is used up', async () => {
  await expiredImages(600);
  await run(AbortSignal.abort());
  expect(await connection.zcard(keys.expiring)).toBe(600);
  const [first] = await records.expired(Date.now(), 1);
  expect(first).toBeDefined();
  await run(NEVER, 0);
  expect(await connection.zcard(keys.expiring)).toBeGreaterThan(0);
});

it('passes over images that are not to be forgotten yet', async () => {
  const waiting = Array.from({ length: 600 }, () => testRecord({ status: 'published', expiresAt: FAR }));
  for (const record of waiting) {
    await records.create(record);
    await connection.zadd(keys.expiring, 1000, record.id);
  }
  const [id = ''] = await expiredImages(1);
  expect((await run()).looked).toBe(601);
  expect(await records.get(id)).toBe(null);
  expect(await records.get(waiting[0]?.id ?? '')).not.toBe(null);
});

const FAR = new Date(Date.now() + 3600_000).toISOString();
