import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { recordKeys } from '../record-keys.js';
import { openReservations } from './reservations.js';
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

/** The reservations of a process over a staging with `files.bytes`. */
async function openProcess(files: { bytes: number; counts: number }, more: Partial<SharingParts> = {}) {
  const { connection, settings } = redis;
  const parts = { redis: connection, prefix: settings.prefix, kind: 'uploads' as const };
  const reservations = openReservations({ ...parts, ...more }, async () => {
    files.counts++;
    return { usedBytes: files.bytes, limitBytes: LIMIT };
  });
  onTestFinished(() => reservations.stop());
  await reservations.refresh();
  return reservations;
}

const staging = (bytes = 0) => ({ bytes, counts: 0 });

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
  const seen: ReadonlyMap<string, number>[] = [];
  const { connection, settings } = redis;
  const parts = { redis: connection, prefix: settings.prefix, kind: 'uploads' } as const;
  const uploads = new Map([['upl_1', 7]]);
  const one = await openProcess(staging(), { uploads });
  await one.take(0);
  await sleep(REPORTED_MS);
  const other = openReservations(parts, async (_, uploadsOfOthers) => {
    seen.push(uploadsOfOthers);
    return { usedBytes: 0, limitBytes: LIMIT };
  });
  onTestFinished(() => other.stop());
  await other.refresh();
  expect(seen).toEqual([uploads]);
});

test('calls Redis for few of many reservations while there is space', async () => {
  const process = await openProcess(staging());
  const calls = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.connection.info('commandstats'))?.[1]);
  const before = await calls();
  for (let i = 0; i < 100; i++) (await process.take(2))?.release(0);
  expect((await calls()) - before).toBeLessThan(10);
});
