import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '@pixdock/contract/status';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { type Changes, openChanges } from '@pixdock/shared/state/changes';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openRecords, type Records } from '@pixdock/shared/state/images/records';
import { cancel } from '@pixdock/shared/state/images/transitions';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openFairQueue } from '../fair-queue.js';
import { openSharedReads } from './shared-reads.js';
import { openWaitHub, type WaitHub } from './wait-hub.js';

const DAY_MS = 24 * 3600_000;
const LONG_MS = 20_000;

let redis: TestRedis;
let records: Records;
beforeAll(async () => {
  redis = await startTestRedis();
  records = openRecords(redis.connection, redis.settings.prefix);
});
afterAll(() => redis.stop());

let subscriber: RedisConnection;
let stopping: AbortController;
let hub: WaitHub<ImageRecord>;
let reads: { ids: string[]; versions: number[]; under: number; most: number };
let failures: number;
let record: ImageRecord;
beforeEach(async () => {
  // The clock is frozen, so no read becomes two seconds old and only changes cause reads.
  vi.useFakeTimers({ toFake: ['performance'] });
  reads = { ids: [], versions: [], under: 0, most: 0 };
  failures = 0;
  stopping = new AbortController();
  subscriber = connectRedis(redis.settings, 'patient', () => {});
  const changes = openChanges(subscriber, redis.settings.prefix);
  hub = openWaitHub(
    openSharedReads(changes, read, 0),
    openFairQueue(() => false),
    stopping.signal,
  );
  record = testRecord();
  await records.create(record);
  await expect.poll(() => subscriber.status).toBe('ready');
});
afterEach(async () => {
  vi.useRealTimers();
  stopping.abort();
  subscriber.disconnect();
  await expect.poll(subscribers).toBe(0);
});

test('shares the reads of an image among 1,000 requests that wait for it', async () => {
  const waits = Array.from({ length: 1000 }, () => wait());
  for (let i = 0; i < 10; i++) await records.transition(record.id, (current) => current);
  await finish();
  const states = await Promise.all(waits);
  expect(new Set(states)).toEqual(new Set([await records.get(record.id)]));
  // One read at the beginning, and at most one for each change.
  expect(reads.ids.length).toBeLessThanOrEqual(12);
  expect(reads.most).toBe(1);
});

test('notices a change between the read of a request and its wait', async () => {
  await finish();
  expect((await wait()).status).toBe('canceled');
});

test('reads only after the changes are followed, so that it misses none', async () => {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const changes: Changes = { follow: () => ({ ready, leave: () => {} }) };
  const queue = openFairQueue(() => false);
  hub = openWaitHub(openSharedReads(changes, read, 0), queue, stopping.signal);
  const waiting = wait();
  // A read would begin with the timer before this one.
  await sleep(2);
  expect(reads.ids).toEqual([]);
  await finish();
  resolve();
  expect((await waiting).status).toBe('canceled');
});

test('gives a request that joins others their newest state', async () => {
  const isNew = ({ version }: ImageRecord) => version === 2;
  const first = wait();
  await expect.poll(() => reads.ids.length).toBe(1);
  await records.transition(record.id, (current) => current);
  await expect.poll(() => reads.ids.length).toBe(2);
  expect((await wait({ enough: isNew })).version).toBe(2);
  expect(reads.ids.length).toBe(2);
  await finish();
  expect((await first).version).toBe(3);
});

test('does not read a version again because of its message', async () => {
  const waiting = wait();
  await expect.poll(() => reads.ids.length).toBe(1);
  const publish = (message: string) =>
    redis.connection.publish(recordKeys(redis.settings.prefix).changes(record.id), message);
  for (const message of ['nonsense', `${record.id} x`, `${record.id} 1`]) await publish(message);
  const other = testRecord();
  await records.create(other);
  const later = wait({ first: other, enough: ({ version }) => version === 2 });
  await records.transition(other.id, (current) => current);
  // Messages arrive in order, so all earlier ones have arrived.
  await later;
  const ofOther = reads.ids.filter((id) => id === other.id).length;
  expect(reads.ids.length - ofOther).toBe(1);
  await finish();
  await waiting;
});

test('finds a change whose message was lost', async () => {
  vi.useRealTimers();
  const began = performance.now();
  const waits = [wait(), wait()];
  await expect.poll(() => reads.ids.length).toBe(1);
  subscriber.disconnect();
  await expect.poll(subscribers).toBe(0);
  await finish();
  for (const { status } of await Promise.all(waits)) expect(status).toBe('canceled');
  // One read at the beginning, and one every two seconds.
  expect(reads.ids.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 2000);
  await expect.poll(subscribers).toBe(0);
});

test('returns the newest state when the time is up', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const waiting = wait({ ms: 2000 });
  await records.transition(record.id, (current) => current);
  await expect.poll(() => reads.versions).toContain(2);
  vi.advanceTimersByTime(2000);
  expect((await waiting).version).toBe(2);
});

test('ends a wait when its client disconnects, without ending other waits', async () => {
  const client = new AbortController();
  const gone = wait({ signal: client.signal });
  const other = wait();
  client.abort();
  expect(await gone).toBe(record);
  await finish();
  expect((await other).status).toBe('canceled');
});

test('ends all waits when the server stops, and begins none', async () => {
  const waits = Array.from({ length: 100 }, () => wait());
  stopping.abort();
  await Promise.all(waits);
  expect(await wait()).toBe(record);
});

test('stops reading when the last wait has ended', async () => {
  await wait({ ms: 50 });
  await expect.poll(subscribers).toBe(0);
  const count = reads.ids.length;
  await records.transition(record.id, (current) => current);
  const other = testRecord();
  await records.create(other);
  const later = wait({ first: other, enough: ({ version }) => version === 2 });
  await records.transition(other.id, (current) => current);
  // Messages arrive in order.
  await later;
  expect(reads.ids.filter((id) => id === record.id)).toHaveLength(count);
});

test('repeats a failed read once, then ends the waits with the error', async () => {
  failures = 1;
  const patient = wait();
  await expect.poll(() => reads.versions.length).toBeGreaterThan(0);
  // On a busy machine, the subscription comes later than the first look for changes, so that there may be a third read.
  expect(reads.ids.length - reads.versions.length).toBe(1);
  failures = 2;
  await records.transition(record.id, (current) => current);
  await expect(patient).rejects.toThrow('Redis is away');
});

interface Wait {
  enough?: (state: ImageRecord) => boolean;
  ms?: number;
  signal?: AbortSignal;
  first?: ImageRecord;
}

function wait({ enough = isSettled, ms = LONG_MS, signal, first = record }: Wait = {}): Promise<ImageRecord> {
  return hub.wait(first, enough, ms, signal ?? new AbortController().signal);
}

const finish = () => records.transition(record.id, (current) => cancel(current, DAY_MS));

async function read(id: string): Promise<ImageRecord | null> {
  reads.ids.push(id);
  reads.most = Math.max(reads.most, ++reads.under);
  try {
    if (failures-- > 0) throw new Error('Redis is away');
    const found = await records.get(id);
    reads.versions.push(found?.version ?? 0);
    return found;
  } finally {
    reads.under--;
  }
}

async function subscribers(): Promise<number> {
  const channel = recordKeys(redis.settings.prefix).changes(record.id);
  const [, count] = (await redis.connection.pubsub('NUMSUB', channel)) as [string, number];
  return count;
}
