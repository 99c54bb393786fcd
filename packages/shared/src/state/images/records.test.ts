import type { AiLabel, Receipt } from '@pixdock/contract/receipt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inGroups } from '../../runtime/in-groups.js';
import { recordChanges } from '../../testing/changes.js';
import { endRestore } from '../../testing/end-restore.js';
import { testReceipt } from '../../testing/receipt.js';
import { type RecordChanges, testRecord } from '../../testing/record.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { RECORD_OVERHEAD_BYTES, recordKeys } from '../record-keys.js';
import { outboxEntrySchema } from '../webhooks/outbox-entry.js';
import { begin } from './attempt-transitions.js';
import { fail } from './end-transitions.js';
import { type ImageFilter, isCursorOf } from './image-filter.js';
import type { ImageRecord } from './image-record.js';
import { openRecords, type Records } from './records.js';
import { restoreRecord, stagedIfNewer } from './restored-record.js';
import { storedError } from './stored-error.js';
import { markDeleted, requestDelete, retry } from './transitions.js';

let redis: TestRedis;
let records: Records;

beforeAll(async () => {
  redis = await startTestRedis();
  records = openRecords(redis.connection, redis.settings.prefix);
});
afterAll(() => redis.stop());

test('creates a record once', async () => {
  const record = testRecord();
  expect(await records.create(record)).toBe(true);
  expect(await records.create({ ...record, owner: 'other' })).toBe(false);
  expect(await records.get(record.id)).toEqual(record);
});

test('counts the bytes that records take in Redis, through changes and removals', async () => {
  const owner = 'measured';
  const countedBytes = async () =>
    Number(await redis.connection.hget(`${redis.settings.prefix}:record-bytes`, owner));
  const usedBytes = async () => {
    const names = await redis.connection.keys('*');
    const sizes = await Promise.all(
      names.map((name) => redis.connection.memory('USAGE', name, 'SAMPLES', 0)),
    );
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  };
  const usedBefore = await usedBytes();
  const ids: string[] = [];
  for (let n = 0; n < 200; n++) {
    const metadata = { note: 'x'.repeat(n % 2 === 0 ? 4000 : 0), color: `color ${n}` };
    const record = indexedBy(['color'], { owner, externalId: `sku-${n}`, metadata });
    await records.create(record);
    await records.create(record);
    ids.push(record.id);
  }
  const [used, counted] = [(await usedBytes()) - usedBefore, await countedBytes()];
  console.info(`${used / 200} bytes for an image, counted as ${counted / 200}`);
  expect(used / counted).toBeGreaterThan(0.8);
  expect(used / counted).toBeLessThan(1.2);
  for (const id of ids) await records.transition(id, (record) => ({ ...record, metadata: {} }));
  expect(await countedBytes()).toBeLessThan(counted - 350_000);
  const last = await records.getMany(ids);
  for (const record of [...last, ...last]) if (record !== null) await records.forget(record);
  expect(await countedBytes()).toBe(0);
});

/** A record that can be found by these keys of its metadata. */
function indexedBy(metadataIndex: string[], changes: RecordChanges): ImageRecord {
  const record = testRecord(changes);
  return { ...record, internal: { ...record.internal, metadataIndex } };
}

test('applies each of many concurrent changes once, with growing versions', async () => {
  const record = testRecord();
  await records.create(record);
  const moves = Array.from({ length: 30 }, () =>
    records.transition(record.id, (current) => ({ ...current, attempts: current.attempts + 1 })),
  );
  const versions = (await Promise.all(moves)).map((result) =>
    result.outcome === 'changed' ? result.record.version : 0,
  );
  expect(new Set(versions).size).toBe(30);
  expect(await records.get(record.id)).toMatchObject({ attempts: 30, version: 31 });
});

test('reads the record again when the known copy is stale', async () => {
  const record = testRecord();
  await records.create(record);
  await records.transition(record.id, requestDelete);
  const result = await records.transition(
    record.id,
    (current) => begin(current, { run: 1, token: 'x' }, 'validating'),
    record,
  );
  expect(result.outcome).toBe('refused');
});

test('publishes each change to the followers of the owner', async () => {
  const record = testRecord({ owner: 'followed' });
  await using changes = await recordChanges(redis, record.owner);
  const item = testRecord({ ...record, batchId: `bat_${'0'.repeat(32)}`, id: testRecord().id });
  await records.create(record);
  await records.transition(record.id, (current) => begin(current, { run: 1, token: 'x' }, 'validating'));
  await records.create(item);
  await expect
    .poll(() => changes.seen)
    .toEqual([
      { id: record.id, version: 1 },
      { id: record.id, version: 2 },
      { id: item.id, version: 1 },
    ]);
});

test('removes a record from every index', async () => {
  const receipt = labelled('ai');
  const record = indexedBy(['color'], {
    owner: 'leaver',
    externalId: 'x',
    metadata: { color: 'red' },
    receipt,
    expiresAt: new Date(5).toISOString(),
  });
  await records.create(record);
  expect(await records.expired(10, 10)).toEqual([record.id]);
  expect(await records.forget(record)).toBe(true);
  const left = await redis.connection.keys(`${redis.settings.prefix}*leaver*`);
  expect(left).toEqual([]);
  expect(await records.get(record.id)).toBeNull();
  expect(await records.expired(10, 10)).toEqual([]);
});

test('lets an image expire that is final, until its next run', async () => {
  const record = testRecord({ owner: 'retried' });
  await records.create(record);
  await records.transition(record.id, (current) => begin(current, { run: 1, token: 'x' }, 'validating'));
  await records.transition(record.id, (current) =>
    fail(current, { run: 1, token: 'x' }, storedError('image_corrupt'), [], 0),
  );
  const expired = () => records.expired(Date.now() + 1000, 10);
  expect(await expired()).toEqual([record.id]);
  await records.transition(record.id, retry);
  expect(await expired()).toEqual([]);
});

test('forgets no record that changed since it was read', async () => {
  const record = testRecord({ owner: 'stayer', expiresAt: new Date(5).toISOString() });
  await records.create(record);
  await records.transition(record.id, requestDelete);
  expect(await records.forget(record)).toBe(false);
  expect((await records.get(record.id))?.deleteRequestedAt).not.toBeNull();
  expect(await records.expired(10, 10)).toEqual([record.id]);
  expect((await records.list('stayer', {}, null, 10)).items).toHaveLength(1);
});

function labelled(label: AiLabel['label'] | null): Receipt {
  const texts = { producer: null, produceId: null, propagator: null };
  return testReceipt({
    aiLabel: label === null ? null : { label, ...texts, source: 'xmp', written: true, omitted: null },
  });
}

test('lists images by the label of AI-generated content', async () => {
  const owner = 'labeller';
  const create = async (label: AiLabel['label'] | null, changes: Partial<ImageRecord> = {}) => {
    const record = testRecord({ owner, receipt: labelled(label), ...changes });
    await records.create(record);
    return record.id;
  };
  await create(null);
  await records.create(testRecord({ owner }));
  const [ai, maybe] = [await create('ai', { status: 'published' }), await create('maybe')];
  const list = async (filter: ImageFilter) =>
    (await records.list(owner, filter, null, 10)).items.map(({ id }) => id).toSorted();
  expect(await list({ aiLabel: 'any' })).toEqual([ai, maybe].toSorted());
  expect(await list({ aiLabel: 'maybe' })).toEqual([maybe]);
  expect(await list({ aiLabel: 'any', status: 'published' })).toEqual([ai]);
  expect(await list({ aiLabel: 'suspected' })).toEqual([]);
  expect(await list({})).toHaveLength(4);
});

describe('list', () => {
  const owner = 'lister';
  const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();

  beforeAll(async () => {
    // Half of them share one millisecond: paging must neither skip nor repeat there.
    for (let i = 0; i < 25; i++)
      await records.create(
        testRecord({
          owner,
          createdAt: at(i < 12 ? 0 : i),
          status: i % 2 === 0 ? 'queued' : 'failed',
          externalId: `e${i}`,
        }),
      );
  });

  test.each([1, 4, 7, 100])('lists everything once in pages of %i, newest first', async (limit) => {
    const seen: string[] = [];
    const times: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Records['list']>> = await records.list(owner, {}, cursor, limit);
      seen.push(...page.items.map(({ id }) => id));
      times.push(...page.items.map(({ createdAt }) => createdAt));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(25);
    expect(seen).toHaveLength(25);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test('filters by status and external id, within one owner', async () => {
    expect((await records.list(owner, { status: 'failed' }, null, 100)).items).toHaveLength(12);
    expect((await records.list(owner, { externalId: 'e3' }, null, 100)).items).toHaveLength(1);
    expect((await records.list(owner, { externalId: 'e3', status: 'queued' }, null, 100)).items).toHaveLength(
      0,
    );
    expect((await records.list('nobody', {}, null, 100)).items).toHaveLength(0);
  });

  test('filters by error code and creation time', async () => {
    const times = async (filter: ImageFilter) =>
      (await records.list(owner, filter, null, 100)).items.map(({ createdAt }) => createdAt);
    const [sinceMs, untilMs] = [Date.parse(at(14)), Date.parse(at(17))];
    expect(await times({ sinceMs, untilMs })).toEqual([at(16), at(15), at(14)]);
    expect(await times({ sinceMs, untilMs, status: 'failed' })).toEqual([at(15)]);
    expect(await times({ sinceMs, status: 'failed', code: 'image_truncated' })).toHaveLength(5);
    expect(await times({ status: 'failed', code: 'source_timeout' })).toEqual([]);
    expect(await times({ untilMs: Date.parse(at(0)) })).toEqual([]);
    expect(await times({ untilMs: Date.parse(at(1)) })).toHaveLength(12);
  });

  test('pages through a time without skipping or repeating', async () => {
    const filter = { sinceMs: Date.parse(at(0)), untilMs: Date.parse(at(20)) };
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Records['list']>> = await records.list(owner, filter, cursor, 3);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect([seen.length, new Set(seen).size]).toEqual([20, 20]);
  });

  test('finds rare images in pages that read at most some thousands of records', async () => {
    const filter = { externalId: 'rare', status: 'failed' } as const;
    const created = Array.from({ length: 4500 }, (_, i) =>
      records.create(
        testRecord({
          owner,
          createdAt: at(i),
          externalId: filter.externalId,
          status: i === 100 || i === 4400 ? filter.status : 'queued',
        }),
      ),
    );
    await Promise.all(created);
    const pages: (string | undefined)[][] = [];
    const reads = await readsDuring(async () => {
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Records['list']>> = await records.list(owner, filter, cursor, 1);
        pages.push(page.items.map(({ createdAt }) => createdAt));
        cursor = page.next;
      } while (cursor !== null);
    });
    // On a busy machine, a page may end early.
    expect(pages.flat()).toEqual([at(4400), at(100)]);
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(reads).toBeLessThan(500);
  });

  test('finds the images with an error code without reading those with another', async () => {
    const failed = (code: 'image_truncated' | 'image_corrupt', i: number) =>
      testRecord({ owner: 'coder', createdAt: at(i), status: 'failed', error: storedError(code) });
    const rare = failed('image_truncated', 0);
    await records.create(rare);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => records.create(failed('image_corrupt', i + 1))));
    const filter = { status: 'failed', code: 'image_truncated' } as const;
    const reads = await readsDuring(async () => {
      expect((await records.list('coder', filter, null, 10)).items.map(({ id }) => id)).toEqual([rare.id]);
    });
    expect(reads).toBeLessThan(5);
  });

  async function readsDuring(work: () => Promise<void>): Promise<number> {
    await redis.connection.config('RESETSTAT');
    await work();
    const stats = await redis.connection.info('commandstats');
    return Number(/cmdstat_zrevrangebyscore:calls=(\d+)/.exec(stats)?.[1]);
  }
});

describe('a search by name', () => {
  const owner = 'searcher';
  const { source } = testRecord();
  const named = (externalId: string | null, filename: string | null = null) =>
    testRecord({ owner, externalId, source: { ...source, filename } });

  async function namesOf(filter: ImageFilter, limit = 100, of = owner): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Records['list']>> = await records.list(of, filter, cursor, limit);
      found.push(...page.items.map(({ externalId, source: { filename } }) => externalId ?? filename));
      cursor = page.next;
    } while (cursor !== null);
    return found;
  }

  const long = `catalog/${'x'.repeat(200)}`;

  beforeAll(async () => {
    for (const id of [
      'sku-2',
      'SKU-10',
      'sku-1',
      'sku-1',
      'sk',
      'ＳＫＵ－３',
      '货号 1',
      `${long}/b`,
      `${long}/a`,
    ])
      await records.create(named(id));
    await records.create(named(null, 'Sku-7.JPG'));
    await records.create(named(null, 'cafe\u0301.jpg'));
    await records.create({ ...named('sku-4'), owner: 'another' });
  });

  test.each([1, 2, 100])('lists the images in the order of their names, in pages of %i', async (limit) => {
    expect(await namesOf({ externalIdPrefix: 'Sku' }, limit)).toEqual([
      'sku-1',
      'sku-1',
      'SKU-10',
      'sku-2',
      'ＳＫＵ－３',
    ]);
  });

  test('finds any beginning, of one kind of name and of one owner', async () => {
    expect(await namesOf({ externalIdPrefix: 'sku-1' })).toEqual(['sku-1', 'sku-1', 'SKU-10']);
    expect(await namesOf({ externalIdPrefix: 'sku-10' })).toEqual(['SKU-10']);
    expect(await namesOf({ externalIdPrefix: '货' })).toEqual(['货号 1']);
    expect(await namesOf({ filenamePrefix: 'sku' })).toEqual(['Sku-7.JPG']);
    expect(await namesOf({ filenamePrefix: 'CAFÉ' })).toEqual(['cafe\u0301.jpg']);
    expect(await namesOf({ externalIdPrefix: 'sku', filenamePrefix: 'sku' })).toEqual([]);
    expect(await namesOf({ externalIdPrefix: 'ku' })).toEqual([]);
    expect(await namesOf({ externalIdPrefix: 'sku' }, 100, 'another')).toEqual(['sku-4']);
    expect(await namesOf({ externalIdPrefix: 'sku', status: 'failed' })).toEqual([]);
  });

  test('compares what is longer than the index with the records', async () => {
    expect((await namesOf({ externalIdPrefix: 'catalog/' })).length).toBe(2);
    expect(await namesOf({ externalIdPrefix: `${long}/a` })).toEqual([`${long}/a`]);
  });

  test('accepts only cursors of the same search', async () => {
    const { next } = await records.list(owner, { externalIdPrefix: 'sku' }, null, 1);
    const [byTime, cursor] = [(await records.list(owner, {}, null, 1)).next ?? '', next ?? ''];
    expect(isCursorOf({ externalIdPrefix: 'sku' }, cursor)).toBe(true);
    for (const filter of [{ externalIdPrefix: 'sku-2' }, { filenamePrefix: 'sku' }, {}])
      expect([filter, isCursorOf(filter, cursor)]).toEqual([filter, false]);
    expect(isCursorOf({ externalIdPrefix: 'sku' }, byTime)).toBe(false);
  });

  test('reads no more than the page', async () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ ...named(`many-${i}`), owner: 'many' }));
    await Promise.all(many.map((record) => records.create(record)));
    await redis.connection.config('RESETSTAT');
    expect((await records.list('many', { externalIdPrefix: 'many-4' }, null, 10)).items).toHaveLength(10);
    const stats = await redis.connection.info('commandstats');
    expect(/cmdstat_zrangebylex:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
    expect(/cmdstat_hget:calls=(\d+)/.exec(stats)?.[1]).toBe('11');
  });

  test('forgets the names of an image with its deletion, and counts no more bytes', async () => {
    const record = { ...named('gone-1', 'gone.jpg'), owner: 'goner' };
    await records.create(record);
    await records.transition(record.id, requestDelete);
    const deleted = await records.transition(record.id, (current) => markDeleted(current, 1000));
    expect(deleted.outcome).toBe('changed');
    expect(await redis.connection.keys('*goner:names')).toEqual([]);
    const bytes = await redis.connection.hget(recordKeys(redis.settings.prefix).recordBytes, 'goner');
    const document = await redis.connection.hget(recordKeys(redis.settings.prefix).record(record.id), 'doc');
    expect(Number(bytes)).toBe(RECORD_OVERHEAD_BYTES + Buffer.byteLength(document ?? ''));
  });
});

test('lists images by indexed metadata, newest first, and forgets it with a deletion', async () => {
  const owner = 'colorist';
  const create = async (metadata: Record<string, string>, keys = ['color', 'season']) => {
    const record = indexedBy(keys, { owner, metadata });
    await records.create(record);
    return record.id;
  };
  const red = await create({ color: 'red' });
  const winter = await create({ color: 'red', season: 'winter' });
  await create({ color: 'redd' });
  await create({ color: 'red' }, []);
  const list = async (metadata: Record<string, string>) =>
    (await records.list(owner, { metadata }, null, 10)).items.map(({ id }) => id);
  expect((await list({ color: 'red' })).toSorted()).toEqual([winter, red].toSorted());
  expect(await list({ color: 'red', season: 'winter' })).toEqual([winter]);
  expect(await list({ color: 'Red' })).toEqual([]);
  expect(await list({ season: 'red' })).toEqual([]);
  for (const id of [red, winter]) {
    await records.transition(id, requestDelete);
    await records.transition(id, (current) => markDeleted(current, 1000));
  }
  expect(await list({ color: 'red' })).toEqual([]);
  expect(await redis.connection.keys('*colorist:metadata:*')).toHaveLength(1);
});

test('applies a write once when its reply is lost and the command sent again', async () => {
  // As ioredis does for a patient connection that breaks.
  const twice = new Proxy(redis.connection, {
    get(target, name) {
      if (name !== 'evalsha') return Reflect.get(target, name);
      return async (...args: Parameters<typeof target.evalsha>) => {
        await target.evalsha(...args);
        return target.evalsha(...args);
      };
    },
  });
  const again = openRecords(twice, redis.settings.prefix);
  const record = testRecord();
  expect(await again.create(record)).toBe(true);
  const attempt = { run: 1, token: 'a' };
  const begun = await again.transition(record.id, (current) => begin(current, attempt, 'validating'));
  expect(begun).toMatchObject({ outcome: 'changed', record: { version: 2, internal: { deaths: 0 } } });
  expect(await again.create(record)).toBe(false);
  const now = await records.get(record.id);
  expect(now).toMatchObject({ version: 2, attempts: 1 });
  expect(now !== null && (await again.forget(now))).toBe(true);
});

test('appends an event when an image becomes final, once even if the write is sent again', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  // As a client does whose connection breaks before the reply arrives.
  const repeating = new Proxy(connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'evalsha' && name !== 'eval') return value.bind(target);
      return async (...args: unknown[]) => {
        await value.apply(target, args);
        return value.apply(target, args);
      };
    },
  });
  const repeated = openRecords(repeating, settings.prefix);
  let appended = 0;
  const telling = openRecords(connection, settings.prefix, records.epoch, () => void appended++);
  await endRestore(records.epoch);
  const events = async () => {
    const entries = await connection.xrange(keys.outboxOf(owner), '-', '+');
    await connection.del(keys.outboxOf(owner));
    return entries.map(([, [, entry = '']]) => outboxEntrySchema.parse(JSON.parse(entry)).event);
  };
  const error = storedError('image_truncated');
  const failed = async (record: ImageRecord) => {
    const attempt = { run: 1, token: 'a' };
    await repeated.create(record);
    await repeated.transition(record.id, (current) => begin(current, attempt, 'validating'));
    await repeated.transition(record.id, (current) => fail(current, attempt, error, [], 1000));
    return record.id;
  };
  const [batchId, owner] = [`bat_${'1'.repeat(32)}`, 'subscriber'];
  await connection.del(keys.outboxOf(owner));

  await failed(testRecord({ owner }));
  expect(await events()).toEqual([]);

  await connection.hset(keys.endpointsOf(owner), 'whe_1', '{"events":["image.failed"],"items":false}');
  const id = await failed(testRecord({ owner, externalId: 'sku-1' }));
  await failed(testRecord({ owner, batchId }));
  const data = { id, version: 3, status: 'failed', batchId: null };
  expect(await events()).toEqual([
    {
      type: 'image.failed',
      timestamp: expect.any(String),
      data: { ...data, urls: [], code: 'image_truncated' },
    },
  ]);

  await connection.hset(keys.endpointsOf(owner), 'whe_2', '{"events":["image.failed"],"items":true}');
  const item = await failed(testRecord({ owner, batchId }));
  expect(await events()).toMatchObject([{ data: { id: item, batchId } }]);

  const known = testRecord({ owner });
  await telling.create(known);
  expect(appended).toBe(0);
  await telling.transition(known.id, (current) => begin(current, { run: 1, token: 'a' }, 'validating'));
  await telling.transition(known.id, (current) => fail(current, { run: 1, token: 'a' }, error, [], 1000));
  expect(appended).toBe(1);
  expect(await events()).toHaveLength(1);

  // The endpoints are unknown until a restore has ended.
  await connection.del(keys.epoch, keys.endpointsOf(owner));
  const lost = await failed(testRecord({ owner }));
  expect(await events()).toMatchObject([{ data: { id: lost } }]);
});

test('sends the event of a restored image again as it was, if it is younger than an hour', async () => {
  const keys = recordKeys(redis.settings.prefix);
  const published = (finishedAt: string) =>
    testRecord({
      status: 'published',
      finishedAt,
      version: 4,
      internal: { ...testRecord().internal, finalVersion: 4 },
    });
  await redis.connection.del(keys.outboxOf('acme'), keys.epoch);
  const old = published(new Date(Date.now() - 3_700_000).toISOString());
  const recent = published(new Date(Date.now() - 60_000).toISOString());
  for (const record of [old, recent]) await records.create(restoreRecord(record, 1));
  const rolledBack = testRecord();
  await records.create(rolledBack);
  const attempt = { run: 1, token: 'a' };
  await records.transition(rolledBack.id, (current) => begin(current, attempt, 'validating'));
  const staged = { ...published(recent.finishedAt ?? ''), id: rolledBack.id };
  await records.transition(rolledBack.id, (current) => stagedIfNewer(current, staged));
  const entries = await redis.connection.xrange(keys.outboxOf('acme'), '-', '+');
  const sent = entries.map(([, [, entry = '']]) => outboxEntrySchema.parse(JSON.parse(entry)).event.data);
  expect(sent).toMatchObject([
    { id: recent.id, version: 4 },
    { id: rolledBack.id, version: 4 },
  ]);
  expect((await records.get(recent.id))?.version).toBeGreaterThan(4);
});

test('looks up with one command at a time, each for at most 50 keys', async () => {
  const digests = Array.from({ length: 30 }, (_, n) => n.toString(16).padStart(2, '0').repeat(32));
  const made = digests.flatMap((sha256) =>
    Array.from({ length: 20 }, () =>
      testRecord({ owner: 'many', status: 'published', source: { ...testRecord().source, sha256 } }),
    ),
  );
  await inGroups(made, async (record) => void (await records.create(record)));
  let [underWay, most, mostKeys] = [0, 0, 0];
  const counting = new Proxy(redis.connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'evalsha' && name !== 'eval') return value.bind(target);
      return (...args: unknown[]) => {
        most = Math.max(most, ++underWay);
        mostKeys = Math.max(mostKeys, Number(args[1]));
        return (value.apply(target, args) as Promise<unknown>).finally(() => underWay--);
      };
    },
  });
  const found = await openRecords(counting, redis.settings.prefix).findBySha256('many', digests);
  expect(found.map(({ source }) => source.sha256)).toEqual(digests);
  expect([most, mostKeys]).toEqual([1, 50]);
});

test('reads many records in order, with null for missing ones', async () => {
  const made = Array.from({ length: 300 }, () => testRecord({ owner: 'sliced' }));
  await inGroups(made, async (record) => void (await records.create(record)));
  const ids = made.flatMap(({ id }) => [id, testRecord().id]);
  expect(await records.getMany(ids)).toEqual(made.flatMap((record) => [record, null]));
});
