import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { JobQueue } from '../../queue/queue.js';
import { openQueue } from '../../queue/queue.js';
import { GROUP } from '../../runtime/in-groups.js';
import { createLog } from '../../runtime/log.js';
import { testBatch, testItem } from '../../testing/batch.js';
import { endRestore } from '../../testing/end-restore.js';
import { changedRecord, testRecord } from '../../testing/record.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { continueAll, restoreAll as restoreAllOf } from '../../testing/restore-all.js';
import { openTestStaging, type TestStaging } from '../../testing/staging.js';
import { type BatchStates, openBatchStates } from '../batches/batch-states.js';
import { openBatches } from '../batches/batches.js';
import { EpochEnded, firstVersionIn } from '../epoch.js';
import { openIdempotency } from '../idempotency/idempotency.js';
import { openImages } from '../images/images.js';
import { openRecords, type Records } from '../images/records.js';
import * as transitions from '../images/transitions.js';
import { openState } from '../open-state.js';
import { beginComparison, beginRestore } from './restore.js';
import { restoreImage } from './restore-image.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

interface State {
  staging: TestStaging;
  records: Records;
  states: BatchStates;
}

/** The images and batches of this state. */
function doorsOf({ staging, records, states }: State) {
  const batches = openBatches(states, staging);
  return { staging, batches, images: openImages({ records, batches, staging }) };
}

test('removes the source of an image that is canceled during its restore', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-restore-'));
  const { connection, settings } = redis;
  const { prefix } = settings;
  const [staging, records] = [await openTestStaging(dataDir), openRecords(connection, prefix)];
  const queue = openQueue(connection, prefix);
  try {
    const record = testRecord({ source: { ...testRecord().source, kind: 'url' } });
    const { id } = record;
    await staging.openUnfetchedArrival(record.id).commit({
      record,
      origin: { kind: 'url', url: 'http://a/', headers: {} },
      idempotency: null,
    });
    const canceled = transitions.cancel(record, 1000);
    let isFirst = true;
    const get = async () => {
      const found = await records.get(id);
      if (isFirst && canceled !== null) await records.create(canceled);
      isFirst = false;
      return found;
    };
    const [states, idempotency] = [openBatchStates(connection, prefix), openIdempotency(connection, prefix)];
    const log = createLog('test', { level: 'error' });
    const doors = doorsOf({ staging, records: { ...records, get }, states });
    await restoreImage({ ...doors, queue, idempotency, log }, id);
    expect((await staging.entry(id))?.record.status).toBe('canceled');
    expect(existsSync(staging.layout.image(id))).toBe(false);
  } finally {
    await queue.close();
    await rm(dataDir, { recursive: true });
  }
});

test('restores the others when the files of an image and a batch cannot be read', async () => {
  const { connection, settings } = redis;
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-restore-'));
  const staging = await openTestStaging(dir);
  const record = testRecord();
  await staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  const damaged = testRecord().id;
  await mkdir(staging.layout.outcome(damaged), { recursive: true });
  const batch = staging.layout.batch(`bat_${'5f'.repeat(16)}`);
  await mkdir(batch, { recursive: true });
  await symlink('batch.json', join(batch, 'batch.json'));
  const lines: { id: string; err: { message: string } }[] = [];
  const log = createLog('test', {
    level: 'error',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const enqueued: string[] = [];
  const parts = {
    ...openState(connection, settings.prefix, staging),
    staging,
    queue: { enqueue: async ({ id }) => void enqueued.push(id) } as Partial<JobQueue> as JobQueue,
    idempotency: openIdempotency(connection, settings.prefix),
    log,
  };
  expect(await restoreAllOf(parts)).toEqual({ records: 1, waiting: 1, batches: 0 });
  expect(enqueued).toEqual([record.id]);
  expect(lines.map(({ err }) => err.message)).toEqual([
    expect.stringContaining('ELOOP'),
    expect.stringContaining('EISDIR'),
  ]);
  expect(lines[1]?.id).toBe(damaged);
  await rm(dir, { recursive: true });
});

/** The parts of a restore in a temporary folder, with a queue that only records its jobs. */
async function openParts() {
  const { connection, settings } = redis;
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-restore-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const queued: [job: 'run' | 'delete', id: string][] = [];
  const queue: Partial<JobQueue> = {
    enqueue: async ({ id }) => void queued.push(['run', id]),
    delete: async (id) => void queued.push(['delete', id]),
  };
  const state = {
    staging: await openTestStaging(dir),
    records: openRecords(connection, settings.prefix),
    states: openBatchStates(connection, settings.prefix),
  };
  const others = {
    idempotency: openIdempotency(connection, settings.prefix),
    queue: queue as JobQueue,
    log: createLog('test', { level: 'silent' }),
  };
  /** The parts of a restore, with some of the state replaced. */
  const partsWith = (changes: Partial<State>) => ({ ...doorsOf({ ...state, ...changes }), ...others });
  const parts = partsWith({});
  return { ...state, ...others, parts, partsWith, queued, restoreAll: () => restoreAllOf(parts) };
}

test('restores the Idempotency-Key of a staged image with its record', async () => {
  const { staging, records, idempotency, restoreAll } = await openParts();
  await endRestore(records.epoch);
  const record = testRecord();
  const keyHash = 'ab'.repeat(32);
  await staging
    .openUnfetchedArrival(record.id)
    .commit({ record, origin: null, idempotency: { keyHash, fingerprint: 'print' } });
  await restoreAll();
  expect(await idempotency.claim(record.owner, [keyHash], testRecord().id)).toMatchObject({
    outcome: 'done',
    done: { resourceId: record.id, fingerprint: 'print' },
  });
});

test('restores a deletion that staging noted and the record does not have', async () => {
  const { staging, records, queued, restoreAll } = await openParts();
  const record = testRecord({ status: 'published' });
  await records.create(record);
  await staging.writeOutcome(record);
  await staging.requestDelete(record.id);
  await restoreAll();
  expect((await records.get(record.id))?.deleteRequestedAt).not.toBe(null);
  expect(queued).toContainEqual(['delete', record.id]);
});

test('keeps the outcome of a deletion that ends during the restore of its image', async () => {
  const { partsWith, staging, records } = await openParts();
  const record = testRecord({ status: 'published' });
  const { id } = record;
  await records.create(record);
  await staging.writeOutcome(record);
  await staging.requestDelete(id);
  let isFirst = true;
  const writeOutcome: TestStaging['writeOutcome'] = async (settled) => {
    if (isFirst) {
      isFirst = false;
      await records.transition(id, transitions.requestDelete);
      const deleted = await records.transition(id, (current) => transitions.markDeleted(current, 1000));
      if (deleted.outcome === 'changed') await staging.writeOutcome(deleted.record);
    }
    await staging.writeOutcome(settled);
  };
  await restoreImage(partsWith({ staging: { ...staging, writeOutcome } }), id);
  expect(isFirst).toBe(false);
  expect((await staging.entry(id))?.record.status).toBe('deleted');
});

test('restores a deletion of an image that Redis lost', async () => {
  const { staging, records, queued, restoreAll } = await openParts();
  const record = testRecord({ status: 'published' });
  await staging.writeOutcome(record);
  await staging.requestDelete(record.id);
  await restoreAll();
  expect(await records.get(record.id)).toMatchObject({
    status: 'published',
    deleteRequestedAt: expect.any(String),
  });
  expect(queued).toContainEqual(['delete', record.id]);
});

test('restores final images that Redis lacks or has in an earlier state, without haste', async () => {
  const { parts, staging, records } = await openParts();
  const [missing, older, equal] = [testRecord(), testRecord(), testRecord()].map((record) =>
    changedRecord(record, { status: 'published', url: 'http://a/b' }),
  );
  if (missing === undefined || older === undefined || equal === undefined)
    throw new TypeError('three images');
  for (const record of [missing, older, equal]) await staging.writeOutcome(record);
  await records.create(testRecord({ id: older.id, status: 'processing' }));
  await records.create(equal);
  const { signal } = new AbortController();
  expect(await beginComparison(parts, signal)()).toMatchObject({ records: 1, waiting: 0 });
  for (const { id } of [missing, older, equal])
    expect(await records.get(id)).toMatchObject({ status: 'published' });
  expect((await records.get(equal.id))?.version).toBe(equal.version);
});

test('restores the names and the metadata by which an image is found', async () => {
  const { staging, records, restoreAll } = await openParts();
  const record = testRecord({ externalId: 'sku-1', metadata: { color: 'red' }, status: 'published' });
  const indexed = { ...record, internal: { ...record.internal, metadataIndex: ['color'] } };
  await staging.writeOutcome(indexed);
  await restoreAll();
  for (const filter of [
    { externalIdPrefix: 'SKU' },
    { filenamePrefix: 'photo' },
    { metadata: { color: 'red' } },
  ])
    expect((await records.list(record.owner, filter, null, 10)).items.map(({ id }) => id)).toEqual([
      record.id,
    ]);
});

test('ends a comparison when it is stopped', async () => {
  const { parts, staging } = await openParts();
  await staging.writeOutcome(testRecord({ status: 'published', url: 'http://a/b' }));
  expect(await beginComparison(parts, AbortSignal.abort())()).toMatchObject({ records: 0 });
});

test('continues a comparison at the image at which Redis failed', async () => {
  const { partsWith, staging, records } = await openParts();
  const images = Array.from({ length: 4 }, () => testRecord({ status: 'published', url: 'http://a/b' }));
  for (const image of images) await staging.writeOutcome(image);
  const read: string[] = [];
  const get = async (id: string) => {
    read.push(id);
    if (read.length === 3) throw new Error('Command timed out');
    return records.get(id);
  };
  const { signal } = new AbortController();
  const continueComparison = beginComparison(partsWith({ records: { ...records, get } }), signal);
  await expect(continueComparison()).rejects.toThrow('Command timed out');
  const [, , failed] = read;
  read.length = 0;
  expect(await continueComparison()).toMatchObject({ records: 4 });
  expect(read[0]).toBe(failed);
  expect(new Set(read).size).toBe(2);
});

test('continues a restore with the images that failed, and counts each once', async () => {
  const { partsWith, staging, records } = await openParts();
  const waiting = testRecord();
  await staging.openUnfetchedArrival(waiting.id).commit({ record: waiting, origin: null, idempotency: null });
  const final = Array.from({ length: 2 * GROUP }, () =>
    testRecord({ status: 'published', url: 'http://a/b' }),
  );
  await Promise.all(final.map((record) => staging.writeOutcome(record)));
  const read: string[] = [];
  const failed: string[] = [];
  const noteRead = (id: string) => {
    read.push(id);
    // One in the first group, and one in the second.
    if (read.length % GROUP !== 1 || failed.length >= 2) return;
    failed.push(id);
    throw new Error('Command timed out');
  };
  const entry = async (id: string) => {
    noteRead(id);
    return staging.entry(id);
  };
  async function* outcomes(part?: string) {
    for await (const outcome of staging.outcomes(part))
      yield {
        ...outcome,
        async entry() {
          noteRead(outcome.id);
          return outcome.entry();
        },
      };
  }
  const restore = beginRestore(partsWith({ staging: { ...staging, entry, outcomes } }));
  const continueRestore = () => continueAll(restore);
  await expect(continueRestore()).rejects.toThrow('Command timed out');
  await expect(continueRestore()).rejects.toThrow('Command timed out');
  expect(await continueRestore()).toEqual({ records: 1 + 2 * GROUP, waiting: 1, batches: 0 });
  expect(read).toHaveLength(1 + 2 * GROUP + failed.length);
  for (const { id } of final) expect(await records.get(id)).toMatchObject({ status: 'published' });
});

test('raises the version of an image in progress that a failover may have set back', async () => {
  const { parts, staging, records } = await openParts();
  const record = testRecord({ version: 3 });
  await staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  await records.create(record);
  await redis.connection.hset(records.epoch.key, 'runId', 'that of the Redis before a failover');
  const { number } = await records.epoch.current();
  await restoreAllOf(parts, number);
  expect(await records.get(record.id)).toMatchObject({ status: 'queued', version: firstVersionIn(number) });
});

test('restores nothing more in an epoch that has ended', async () => {
  const { parts, staging, records } = await openParts();
  const { number } = await records.epoch.current();
  await staging.writeOutcome(testRecord({ status: 'published', url: 'http://a/b' }));
  await redis.connection.flushall();
  await expect(restoreAllOf(parts, number)).rejects.toThrow(EpochEnded);
});

test('does not bring back an image or a batch that is refused during the restore', async () => {
  const { partsWith, queued, staging, records, states } = await openParts();
  const record = testRecord();
  const arrival = staging.openUnfetchedArrival(record.id);
  await arrival.commit({ record, origin: null, idempotency: null });
  const createRecord: typeof records.create = async (...args) => {
    await arrival[Symbol.asyncDispose]();
    return records.create(...args);
  };
  const entry = testBatch({ total: 1 });
  const receiving = await staging.batches.openArrival(entry.id);
  await receiving.add(testItem(1));
  await receiving.commit(entry);
  const create: typeof states.create = async (...args) => {
    await receiving[Symbol.asyncDispose]();
    return states.create(...args);
  };
  await restoreAllOf(
    partsWith({ records: { ...records, create: createRecord }, states: { ...states, create } }),
  );
  expect([await records.get(record.id), await states.get(entry.id), queued]).toEqual([null, null, []]);
});

test('restores what waits for a job first, then the outcomes of the last day, then the others', async () => {
  const { parts, staging, records } = await openParts();
  const final = { status: 'published', url: 'http://a/b' } as const;
  const [waiting, recent, old] = [testRecord(), testRecord(final), testRecord(final)];
  await staging.openUnfetchedArrival(waiting.id).commit({ record: waiting, origin: null, idempotency: null });
  for (const record of [recent, old]) await staging.writeOutcome(record);
  const before = new Date(Date.now() - 48 * 3600_000);
  await utimes(staging.layout.outcome(old.id), before, before);
  const restored = async () => {
    const found = await Promise.all([waiting, recent, old].map(({ id }) => records.get(id)));
    return found.map((record) => record?.status ?? null);
  };
  const restore = beginRestore(parts);
  await restore.restoreWaiting();
  expect(await restored()).toEqual(['queued', null, null]);
  for (const { id } of [recent, old]) await restore.restoreOutcomes(id.slice(4, 5), 'recent');
  expect(await restored()).toEqual(['queued', 'published', null]);
  await restore.restoreOutcomes(old.id.slice(4, 5), 'older');
  expect(await restored()).toEqual(['queued', 'published', 'published']);
});
