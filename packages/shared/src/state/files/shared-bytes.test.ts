import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { openFolderFiles } from '../folder-staging/folder-files.js';
import { recordKeys } from '../record-keys.js';
import { openLastCount } from './last-count.js';
import { type BeginCount, openReservations } from './reservations.js';
import type { SharingParts } from './shared-bytes.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

/** Until a process has reported what it released. */
const REPORTED_MS = 600;
const LIMIT = 1000;

/** The files of a staging, and what was asked of them. */
const staging = (bytes = 0) => ({
  bytes,
  counts: 0,
  uploadsOfOthers: new Map() as ReadonlyMap<string, number>,
  /** While true, no count ends. */
  isSlow: false,
  notes: openFolderFiles(temporaryFolder()),
});

/** The reservations of a process that starts over a staging with `files.bytes`. */
async function openProcess(files: ReturnType<typeof staging>, more: Partial<SharingParts> = {}) {
  const { connection, settings } = redis;
  const parts = { redis: connection, prefix: settings.prefix, kind: 'uploads' as const };
  const beginCount: BeginCount<number> = (uploadsOfOthers) => ({
    async count() {
      files.counts++;
      files.uploadsOfOthers = uploadsOfOthers;
      return files.isSlow ? new Promise<number>(() => {}) : files.bytes;
    },
    use: (usedBytes) => ({ usedBytes, limitBytes: LIMIT }),
  });
  const last = openLastCount(files.notes, parts.kind, z.number());
  const reservations = openReservations({ ...parts, ...more }, beginCount, last);
  onTestFinished(() => reservations.stop());
  await reservations.begin();
  return reservations;
}

test('grants two processes together no more than the limit, however many ask at once', async () => {
  const files = staging(100);
  const both = [await openProcess(files), await openProcess(files)];
  const taken = await Promise.all(
    Array.from({ length: 60 }, (_, i) => both[i % 2]?.take(i % 4 === 0 ? 70 : 30)),
  );
  const sum = taken.reduce((all, one) => all + (one?.bytes ?? 0), 0);
  expect(sum).toBeGreaterThan(LIMIT - 100 - 70);
  expect(sum).toBeLessThanOrEqual(LIMIT - 100);
});

test('grants a process what another one has released, and not what that one has stored', async () => {
  const files = staging();
  const [one, other] = [await openProcess(files), await openProcess(files)];
  const held = await one.take(900);
  expect(await other.take(200)).toBe(null);
  held?.release(300);
  await sleep(REPORTED_MS);
  expect(await other.take(701)).toBe(null);
  expect(await other.take(700)).not.toBe(null);
  expect(files.counts).toBe(2);
});

test('frees the reservations of a process that has died', async () => {
  const files = staging();
  const [one, other] = [await openProcess(files), await openProcess(files)];
  await one.take(900);
  expect(await other.take(200)).toBe(null);
  one.stop();
  await sleep(REPORTED_MS);
  expect(await other.take(200)).toBe(null);
  // Its lease expires.
  const reservers = recordKeys(redis.settings.prefix).stagingReservers('uploads');
  const processes = await redis.connection.smembers(reservers);
  for (const process of processes) await redis.connection.del(`${reservers}:${process}`);
  expect(await other.take(200)).not.toBe(null);
});

test('counts the files again, and all reservations, once Redis was emptied', async () => {
  const files = staging();
  const [one, other] = [await openProcess(files), await openProcess(files)];
  (await one.take(500))?.release(300);
  await one.take(200);
  await sleep(REPORTED_MS);
  files.bytes = 300;
  await redis.connection.flushall();
  await one.take(1);
  await sleep(REPORTED_MS);
  expect(await other.take(500)).toBe(null);
  expect(await other.take(480)).not.toBe(null);
});

test('shares uploads in progress, so that other processes do not count their files', async () => {
  const files = staging();
  const uploads = new Map([['upl_1', 7]]);
  const one = await openProcess(files, { uploads });
  await one.take(0);
  await sleep(REPORTED_MS);
  const other = await openProcess(files);
  await other.refresh();
  expect(files.uploadsOfOthers).toEqual(uploads);
});

test('begins with the last count and what was stored since, however long the next count takes', async () => {
  const files = staging(100);
  const one = await openProcess(files);
  (await one.take(500))?.release(300);
  await sleep(REPORTED_MS);
  files.isSlow = true;
  expect((await openProcess(files)).free()).toBe(LIMIT - 100 - 300);
});

test('begins with the last count although Redis has lost what was stored since', async () => {
  const files = staging(100);
  const one = await openProcess(files);
  (await one.take(500))?.release(300);
  await sleep(REPORTED_MS);
  one.stop();
  await redis.connection.flushall();
  files.isSlow = true;
  expect((await openProcess(files)).free()).toBe(LIMIT - 100);
});

test('waits for its own count if the last one is damaged', async () => {
  const files = staging(100);
  await files.notes.write('counted-uploads.json', '{"files":');
  expect((await openProcess(files)).free()).toBe(LIMIT - 100);
});

test('calls Redis for few of many reservations while there is space', async () => {
  const process = await openProcess(staging());
  const calls = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.connection.info('commandstats'))?.[1]);
  const before = await calls();
  for (let i = 0; i < 100; i++) (await process.take(2))?.release(0);
  expect((await calls()) - before).toBeLessThan(10);
});
