import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtInProfiles } from '@pixdock/contract/profile';
import { createLog } from '@pixdock/shared/runtime/log';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords, type Records } from '@pixdock/shared/state/images/records';
import { cancel, requestDelete, retry } from '@pixdock/shared/state/images/transitions';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { uploadFiles } from '@pixdock/shared/state/staged/staged-names';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { endRestore } from '@pixdock/shared/testing/end-restore';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { openTestStaging, type TestStaging } from '@pixdock/shared/testing/staging';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openStagingWalks } from '../retention/staging-walks.js';
import { openQueueDouble } from '../testing/queue-double.js';
import { openTestEvents } from '../testing/test-events.js';
import { CONTEXT } from '../testing/worker-parts.js';
import { sweep } from './sweep.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-sweep-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => redis.connection.flushall());

interface Parts {
  records: Records;
  staging: TestStaging;
}

const DAY_MS = 24 * 3600_000;
const SETTINGS = {
  stagingMaxBytes: 2 ** 30,
  auditRetentionMs: 90 * DAY_MS,
  profiles: builtInProfiles(),
  review: { http: null, giveUpMs: 3 * DAY_MS },
};

type Act = (record: ImageRecord, parts: Parts) => Promise<unknown>;

/** Sweeps over a failed image whose retention has ended. `before` runs before the image is read, `meanwhile` after. */
async function sweptWhile(meanwhile: Act, before: Act = async () => {}) {
  const { connection, settings } = redis;
  const staging = await openTestStaging(dataDir);
  const records = openRecords(connection, settings.prefix);
  const ended = new Date(Date.now() - 1000).toISOString();
  const record = testRecord({ status: 'failed', finishedAt: ended, expiresAt: ended });
  await staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  await staging.writeOutcome(record);
  await records.create(record);
  let isFirst = true;
  const get = async (id: string) => {
    if (isFirst) await before(record, { records, staging });
    const found = await records.get(id);
    if (isFirst) {
      isFirst = false;
      await meanwhile(record, { records, staging });
    }
    return found;
  };
  const read = { ...records, get };
  const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
  const deps = {
    staging,
    images: openImages({ records: read, batches, staging }),
    batches,
    queue: openQueueDouble(),
    deliveries: openDeliveries(connection, settings.prefix),
    stagingWalks: openStagingWalks(connection, settings.prefix),
    cdn: null,
    idempotency: openIdempotency(connection, settings.prefix),
    config: { ...SETTINGS, dataDir },
    log: createLog('test', { level: 'silent' }),
    events: openTestEvents(),
  };
  await sweep(deps)({}, CONTEXT);
  const isNoted = await readFile(staging.layout.deletion(record.id)).then(
    () => true,
    () => false,
  );
  return { now: await records.get(record.id), entry: await staging.entry(record.id), isNoted };
}

it('forgets an image whose retention has ended', async () => {
  expect(await sweptWhile(async () => {})).toMatchObject({ now: null, entry: null });
});

it('keeps a deletion that is requested during the sweep', async () => {
  const { now, entry } = await sweptWhile(async ({ id }, { records, staging }) => {
    await staging.requestDelete(id);
    await records.transition(id, requestDelete);
  });
  expect(now?.deleteRequestedAt).not.toBeFalsy();
  expect(entry?.record.deleteRequestedAt).not.toBeFalsy();
});

it('keeps a retry that is requested during the sweep', async () => {
  const { now, entry } = await sweptWhile(async (record, { records, staging }) => {
    await staging.resubmit(retry(record) ?? record);
    await records.transition(record.id, retry);
  });
  expect(now).toMatchObject({ status: 'queued', run: 2 });
  expect(entry?.record.run).toBe(2);
});

it('keeps an image that was retried before the sweep and has ended since', async () => {
  const { now, entry } = await sweptWhile(
    async () => {},
    async ({ id }, { records }) => {
      await records.transition(id, retry);
      await records.transition(id, (record) => cancel(record, 60_000));
    },
  );
  expect(now).toMatchObject({ status: 'canceled', run: 2 });
  expect(entry).not.toBe(null);
});

it('keeps the note of a deletion that the record does not have yet', async () => {
  const { now, entry, isNoted } = await sweptWhile(({ id }, { staging }) => staging.requestDelete(id));
  expect({ now, entry, isNoted }).toEqual({ now: null, entry: null, isNoted: true });
});

/** Workers over a new staging, on a disk that may fail. */
async function openWorkers(broken: Partial<TestStaging> = {}, isRestored = true) {
  const { connection, settings } = redis;
  const folder = await mkdtemp(join(dataDir, 'damaged-'));
  const staging = await openTestStaging(folder);
  const records = openRecords(connection, settings.prefix);
  if (isRestored) await endRestore(records.epoch);
  const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
  const logged: { msg: string; sources: number }[] = [];
  const broke = { ...staging, ...broken };
  const deps = {
    staging: broke,
    images: openImages({ records, batches, staging: broke }),
    batches,
    queue: openQueueDouble(),
    deliveries: openDeliveries(connection, settings.prefix),
    idempotency: openIdempotency(connection, settings.prefix),
    config: { ...SETTINGS, dataDir: folder },
    log: createLog('test', { destination: { write: (line) => logged.push(JSON.parse(line)) } }),
    events: openTestEvents(),
  };
  /** Starts a worker, and returns its sweep. */
  function start(walkEveryMs?: number): () => Promise<unknown> {
    const stagingWalks = openStagingWalks(connection, settings.prefix);
    const handle = sweep({ ...deps, stagingWalks, cdn: null }, walkEveryMs);
    return () => handle({}, CONTEXT);
  }
  const walks = () => logged.filter(({ msg }) => msg === 'looked at all that is staged');
  const sweeps = () => logged.filter(({ msg }) => msg === 'swept');
  return { staging, records, start, walks, sweeps };
}

/** Sweeps by workers that have just started. */
async function swept(
  prepare: (parts: Parts) => Promise<unknown>,
  broken: Partial<TestStaging> = {},
  times = 1,
) {
  const { staging, records, start, walks } = await openWorkers(broken);
  await prepare({ records, staging });
  for (let i = 0; i < times; i++) await start()();
  return { staging, records, walks };
}

it('walks over staged images only after the restore, which pauses processing first if it is paused', async () => {
  const { records, start, walks } = await openWorkers({}, false);
  await start()();
  expect(walks()).toHaveLength(0);
  await endRestore(records.epoch);
  await start()();
  expect(walks()).toHaveLength(1);
});

it('walks over all staged images once for all workers, also when they start together', async () => {
  const { start, walks } = await openWorkers();
  const sweeps = [start(), start()];
  for (let i = 0; i < 2; i++) for (const sweepOnce of sweeps) await sweepOnce();
  expect(walks()).toHaveLength(1);
});

it('walks again once a worker has started, whichever worker sweeps', async () => {
  const { start, walks } = await openWorkers();
  const first = start();
  await first();
  const second = start();
  await first();
  await second();
  expect(walks()).toHaveLength(2);
});

it('walks again after the interval, once for all workers', async () => {
  const { start, walks } = await openWorkers();
  const [first, second] = [start(60_000), start(60_000)];
  await first();
  const { walked } = recordKeys(redis.settings.prefix);
  expect(await redis.connection.pttl(walked)).toBeGreaterThan(50_000);
  await redis.connection.pexpire(walked, 1);
  await expect.poll(() => redis.connection.exists(walked)).toBe(0);
  await second();
  await first();
  expect(walks()).toHaveLength(2);
});

it('does nothing while the same worker sweeps, and sweeps again afterwards', async () => {
  const { start, sweeps } = await openWorkers();
  const sweepOnce = start();
  await Promise.all([sweepOnce(), sweepOnce(), sweepOnce()]);
  expect(sweeps()).toHaveLength(1);
  await sweepOnce();
  expect(sweeps()).toHaveLength(2);
});

it('removes the files of the audit trail after AUDIT_RETENTION', async () => {
  const nameOf = (days: number) =>
    `${new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)}-host.ndjson`;
  const kept = [nameOf(0), nameOf(89), 'notes.txt'];
  const { staging } = await swept(async ({ staging: { layout } }) => {
    const folder = join(dirname(layout.root), 'audit');
    await mkdir(folder);
    for (const name of [...kept, nameOf(92), nameOf(400)]) await writeFile(join(folder, name), '{}');
  });
  const left = await readdir(join(dirname(staging.layout.root), 'audit'));
  expect(left.toSorted()).toEqual(kept.toSorted());
});

it('forgets other images beside one whose entry cannot be removed', async () => {
  const [damaged, whole] = [1000, 2000].map((agoMs) => {
    const ended = new Date(Date.now() - 10_000 + agoMs).toISOString();
    return testRecord({ status: 'failed', finishedAt: ended, expiresAt: ended });
  }) as [ImageRecord, ImageRecord];
  const { records } = await swept(
    async (parts) => {
      for (const record of [damaged, whole]) await parts.records.create(record);
    },
    {
      async forget(id) {
        if (id === damaged.id) throw Object.assign(new Error('EIO: i/o error, rm'), { code: 'EIO' });
      },
    },
  );
  expect(await records.get(whole.id)).toBe(null);
});

it('removes other uploads and images beside one that cannot be read', async () => {
  const old = new Date(Date.now() - 3600_000);
  const [damaged, whole] = ['0'.repeat(32), 'f'.repeat(32)].map((digits) => `img_${digits}`) as [
    string,
    string,
  ];
  const { staging } = await swept(async ({ staging: { layout } }) => {
    for (const path of [layout.arriving, layout.image]) {
      for (const id of [damaged, whole]) await mkdir(dirname(path(id)), { recursive: true });
      await symlink(path(damaged), path(damaged));
      await mkdir(path(whole));
      await utimes(path(whole), old, old);
    }
  });
  const { layout } = staging;
  expect(await readdir(layout.incoming)).toEqual([damaged]);
  expect(await readdir(dirname(layout.image(whole)))).toEqual([]);
});

it('removes the unfinished files of images and deleted batches whose process died', async () => {
  const [image, batch] = ['img', 'bat'].map((kind) => `${kind}_${'5f'.repeat(16)}`) as [string, string];
  const old = new Date(Date.now() - 3600_000);
  const { staging } = await swept(async ({ staging: { layout } }) => {
    for (const path of [layout.outcome(image), layout.deletion(image), layout.deletedBatch(batch)]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.1.x.tmp`, '{');
      await utimes(`${path}.1.x.tmp`, old, old);
    }
  });
  const { outcomes, deletions, batches } = staging.layout;
  for (const folder of [outcomes, deletions, batches]) expect(await readdir(join(folder, '5f'))).toEqual([]);
});

it('removes the files that a batch kept for a retry after a day, and counts them once', async () => {
  const entry = testBatch({ total: 1 });
  const prepare: Parameters<typeof swept>[0] = async ({ staging }) => {
    const arrival = await staging.batches.openArrival(entry.id);
    const headers = { referer: 'https://a.example' };
    await arrival.add(testItem(1, { origin: { kind: 'url', url: 'https://a.example/1.jpg', headers } }));
    await arrival.commit(entry);
    const { connection, settings } = redis;
    await openBatchStates(connection, settings.prefix).create(entry, 1);
    const finishedAt = Date.now() - 25 * 3600_000;
    await connection.hset(recordKeys(settings.prefix).batch(entry.id), { finishedAt, queued: 0, failed: 1 });
  };
  const { staging, walks } = await swept(prepare, {}, 2);
  expect(await readdir(staging.layout.batch(entry.id))).not.toContain('materials');
  expect(walks().map(({ sources }) => sources)).toEqual([1, 0]);
});

it('reads the tombstone of a batch once for all of its images', async () => {
  const batchId = `bat_${'7'.repeat(32)}`;
  const items = Array.from({ length: 5 }, () => testRecord({ status: 'deleted', batchId }));
  const old = new Date(Date.now() - 3600_000);
  const read: string[] = [];
  const staging = await openTestStaging(await mkdtemp(join(dataDir, 'buried-')));
  const batches = {
    ...staging.batches,
    async tombstone(id: string) {
      read.push(id);
      return staging.batches.tombstone(id);
    },
  };
  const prepare = async (parts: Parts) => {
    for (const record of items) {
      await parts.records.create(record);
      await mkdir(staging.layout.image(record.id), { recursive: true });
      await utimes(staging.layout.image(record.id), old, old);
    }
  };
  await swept(prepare, { ...staging, batches });
  expect(read).toEqual([batchId]);
});

it('removes expired, half-removed and half-finished resumable uploads, and keeps an idle one', async () => {
  const old = new Date(Date.now() - 3600_000);
  const upload = (digit: string) => `upl_${digit.repeat(32)}`;
  const [expired, kept, half, finished, over] = [
    upload('a'),
    upload('b'),
    upload('c'),
    upload('d'),
    upload('e'),
  ];
  const entry = (id: string, expiresInMs: number) => ({
    id,
    owner: 'acme',
    uploadToken: null,
    length: 10,
    metadata: null,
    target: {
      resource: 'batch' as const,
      contentType: 'text/csv',
      profile: 'default',
      columns: null,
      sheet: null,
      reuse: null,
      deleteAfterSeconds: null,
      replace: false,
      name: null,
      filename: null,
      webhookUrl: null,
    },
    webhook: null,
    resourceId: 'bat_1',
    keyHashes: [''] as [string],
    createdAt: old.toISOString(),
    expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
  });
  const { staging } = await swept(async ({ staging: { uploads, layout } }) => {
    await uploads.create(entry(expired, -1));
    await uploads.create(entry(kept, 60_000));
    for (const folder of [layout.upload(half), `${layout.upload(kept)}.rest`])
      await mkdir(folder, { recursive: true });
    await uploads.create(entry(finished, 60_000));
    await uploads.finish(entry(finished, 60_000), 'bat_1');
    await uploads.create(entry(finished, 60_000));
    const { entry: rest, data } = uploadFiles(layout.upload(finished));
    for (const path of [rest, data, layout.upload(finished), layout.finishedUpload(finished)])
      await utimes(path, old, old);
    for (const folder of [layout.upload(half), `${layout.upload(kept)}.rest`, layout.upload(kept)])
      await utimes(folder, old, old);
    await uploads.create(entry(over, -1));
    await uploads.finish(entry(over, -1), 'bat_1');
  });
  const { layout } = staging;
  expect(await readdir(dirname(layout.upload(expired)))).toEqual([]);
  expect(await readdir(dirname(layout.upload(kept)))).toEqual([kept]);
  expect(await readdir(dirname(layout.upload(half)))).toEqual([]);
  expect(await readdir(dirname(layout.upload(finished)))).toEqual([`${finished}.json`]);
  expect(await readdir(dirname(layout.upload(over)))).toEqual([]);
});
