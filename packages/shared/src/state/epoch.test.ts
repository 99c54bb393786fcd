import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { testBatch } from '../testing/batch.js';
import { endRestore } from '../testing/end-restore.js';
import { testRecord } from '../testing/record.js';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { openBatchStates } from './batches/batch-states.js';
import {
  adoptStaging,
  EpochEnded,
  firstVersionIn,
  lastVersionIn,
  nextVersion,
  OtherStaging,
  openEpoch,
} from './epoch.js';
import { stagingAt } from './folder-staging/open-staging.js';
import { openRecords } from './images/records.js';
import { requestDelete } from './images/transitions.js';
import { recordKeys } from './record-keys.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

/** Opens the epoch as a process that has just started. */
async function openProcesses() {
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-epoch-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const { connection, settings } = redis;
  const staging = stagingAt(dir);
  return Object.assign(() => openEpoch(connection, settings.prefix, staging), { dir, staging });
}

/** Redis then counts as the replica that a failover promoted. */
const failOver = () =>
  redis.connection.hset(recordKeys(redis.settings.prefix).epoch, 'runId', 'that of the Redis before it');

test('begins one epoch for each state of Redis, with a number above all before', async () => {
  const openProcess = await openProcesses();
  const first = await openProcess().current();
  expect(first).toEqual({ number: 0, isRestored: false });
  expect(await openProcess().current()).toEqual(first);
  await redis.connection.flushall();
  const processes = Array.from({ length: 5 }, openProcess);
  const [second, ...others] = await Promise.all(processes.map((epoch) => epoch.current()));
  expect(second?.number).toBeGreaterThan(first.number);
  expect(others).toEqual(others.map(() => second));
  await failOver();
  expect((await openProcess().current()).number).toBeGreaterThan(second?.number ?? 0);
});

test('is restored until Redis is emptied or becomes another one', async () => {
  const openProcess = await openProcesses();
  const epoch = openProcess();
  for (const lose of [() => redis.connection.flushall(), failOver]) {
    expect(await epoch.isRestored()).toBe(false);
    await endRestore(openProcess());
    expect(await epoch.isRestored()).toBe(true);
    await lose();
    expect(await epoch.isRestored()).toBe(false);
  }
});

test('is not restored when Redis is emptied during the restore', async () => {
  const epoch = (await openProcesses())();
  await using lock = await epoch.tryRestore();
  const { number } = await epoch.current();
  await redis.connection.flushall();
  await epoch.current();
  await lock?.end(number);
  expect(await epoch.isRestored()).toBe(false);
});

test('lets one process restore at a time, and another one after its death', async () => {
  const openProcess = await openProcesses();
  await using lock = await openProcess().tryRestore();
  expect(lock).not.toBe(null);
  expect(await openProcess().tryRestore()).toBe(null);
  // A process that died renews no lock.
  await redis.connection.pexpire(recordKeys(redis.settings.prefix).restoring, 1);
  await expect.poll(async () => (await openProcess().tryRestore()) !== null).toBe(true);
});

test('continues with versions above those that a failover lost', async () => {
  const { connection, settings } = redis;
  const records = openRecords(connection, settings.prefix, (await openProcesses())());
  const record = testRecord({ status: 'published', url: 'http://a/b', version: 5 });
  await records.create(record);
  await failOver();
  const changed = await records.transition(record.id, requestDelete);
  expect(changed).toMatchObject({ outcome: 'changed', record: { version: firstVersionIn(1) } });
});

test('creates no record of an earlier epoch', async () => {
  const { connection, settings } = redis;
  const records = openRecords(connection, settings.prefix, (await openProcesses())());
  const { number } = await records.epoch.current();
  await connection.flushall();
  const record = testRecord();
  await expect(records.create(record, number)).rejects.toThrow(EpochEnded);
  expect(await records.get(record.id)).toBe(null);
});

test('refuses the staging of another folder, also after a restart of Redis, and names both', async () => {
  const [openProcess, openOther] = [await openProcesses(), await openProcesses()];
  const { number } = await openProcess().current();
  const folders = [openOther, openProcess].map(({ dir }) => dir);
  for (const lose of [async () => {}, failOver]) {
    await lose();
    const refused = await openOther()
      .current()
      .catch((error) => error.problem?.en);
    expect(refused).toMatch(new RegExp(`:${folders[0]} is not the staging.*:${folders[1]}$`));
    await expect(openOther().isRestored()).rejects.toThrow(OtherStaging);
  }
  expect((await openProcess().current()).number).toBeGreaterThan(number);
});

test('lets no empty folder win that was seen first after Redis was emptied', async () => {
  const [openProcess, openEmpty] = [await openProcesses(), await openProcesses()];
  const before = openProcess();
  await before.current();
  await redis.connection.flushall();
  const empty = openEmpty();
  await empty.current();
  expect(await before.run(async () => 1)).toBe(1);
  expect((await before.current()).number).toBeGreaterThan(0);
  await expect(openEmpty().current()).rejects.toThrow(OtherStaging);
  await expect(empty.current()).rejects.toThrow(OtherStaging);
});

test('belongs to a folder that was adopted', async () => {
  const [openProcess, openOther] = [await openProcesses(), await openProcesses()];
  const before = openProcess();
  const { number } = await before.current();
  await adoptStaging(redis.connection, redis.settings.prefix, openOther.staging);
  await expect(before.current()).rejects.toThrow(OtherStaging);
  expect((await openOther().current()).number).toBeGreaterThan(number);
});

test('counts the versions of a batch in Lua from the same number as in TypeScript', async () => {
  const { connection, settings } = redis;
  const batches = openBatchStates(connection, settings.prefix, (await openProcesses())());
  const { id } = testBatch();
  await batches.create(testBatch({ id }), 1);
  for (const number of [1, 2]) {
    await failOver();
    await batches.request(id, number === 1 ? 'cancelRequestedAt' : 'deleteRequestedAt');
    expect((await batches.get(id))?.version).toBe(firstVersionIn(number));
  }
});

test('keeps versions increasing after more changes than an epoch has versions', () => {
  const last = lastVersionIn(1);
  expect(last).toBe(firstVersionIn(1) + 2 ** 24 - 1);
  expect(nextVersion(last - 1, 1)).toBe(last);
  expect(nextVersion(last, 1)).toBe(firstVersionIn(2));
  expect(nextVersion(last + 5, 2)).toBe(last + 6);
});

test('gives up when Redis counts as lost after each try', async () => {
  const { connection, settings } = redis;
  const openProcess = await openProcesses();
  await expect(openProcess().run(async () => -1)).rejects.toThrow('after each of 10 tries');
  const evalsha = async (...args: Parameters<typeof connection.evalsha>) => {
    await failOver();
    return connection.evalsha(...args);
  };
  const losing = Object.assign(Object.create(connection), { evalsha });
  const epoch = openEpoch(losing, settings.prefix, openProcess.staging);
  await expect(epoch.current()).rejects.toThrow('after each of 10 tries');
});
