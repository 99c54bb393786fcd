import { byStatus, countOf, STATUSES } from '@pixdock/contract/status';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setRedisTime } from '../../runtime/clock.js';
import { testBatch, testItem } from '../../testing/batch.js';
import { recordChanges } from '../../testing/changes.js';
import { testReceipt } from '../../testing/receipt.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { firstVersionIn } from '../epoch.js';
import * as attempts from '../images/attempt-transitions.js';
import * as endings from '../images/end-transitions.js';
import * as fetches from '../images/fetch-transitions.js';
import type { ImageRecord } from '../images/image-record.js';
import { openRecords, type Records } from '../images/records.js';
import { storedError } from '../images/stored-error.js';
import * as transitions from '../images/transitions.js';
import { recordKeys } from '../record-keys.js';
import type { BatchEntry } from './batch-entry.js';
import { batchEndOf } from './batch-event.js';
import { type BatchStates, openBatchStates } from './batch-states.js';
import { toBatch } from './batch-view.js';
import { itemId } from './item-id.js';
import { newItemRecord } from './new-item-record.js';

const DAY_MS = 24 * 3600_000;
const EXPIRY = Date.now() + DAY_MS;
const AT = { run: 1, token: 'h' };
const ERROR = storedError('source_not_found');

let redis: TestRedis;
let records: Records;
let batches: BatchStates;
let appendedEvents = 0;
beforeAll(async () => {
  redis = await startTestRedis();
  records = openRecords(redis.connection, redis.settings.prefix);
  batches = openBatchStates(redis.connection, redis.settings.prefix, undefined, () => void appendedEvents++);
});
afterAll(() => redis.stop());

async function made(total: number): Promise<BatchEntry> {
  const entry = testBatch({ total });
  expect(await batches.create(entry, 1)).toBe(true);
  return entry;
}

const fresh = (entry: BatchEntry, place: number) => newItemRecord(entry, place, testItem(place + 1), 1);

async function transition(id: string, change: (record: ImageRecord) => ImageRecord | null): Promise<void> {
  expect((await records.transition(id, change)).outcome).toBe('changed');
}

async function failed(entry: BatchEntry, place: number): Promise<string> {
  const record = fresh(entry, place);
  await records.create(record);
  await transition(record.id, (current) => attempts.begin(current, AT, 'fetching'));
  await transition(record.id, (current) => endings.fail(current, AT, ERROR, [], DAY_MS));
  return record.id;
}

const state = async (id: string) => {
  const found = await batches.get(id);
  if (found === null) throw new Error('no such batch');
  return found;
};

async function close(id: string): Promise<boolean> {
  const found = await state(id);
  return batches.close(found, EXPIRY, batchEndOf(found, null));
}

test('creates a batch once, with all its items queued', async () => {
  const entry = await made(5);
  expect(await batches.create(entry, 9)).toBe(false);
  const batch = toBatch(await state(entry.id));
  expect(batch).toMatchObject({ status: 'running', version: 1, total: 5, progress: 0, finishedAt: null });
  expect(batch.counts).toEqual({ ...byStatus(STATUSES, () => 0), queued: 5 });
  expect(await batches.openIds()).toContain(entry.id);
});

test('publishes each version of a batch to the followers of its owner', async () => {
  const entry = await made(2);
  await using changes = await recordChanges(redis, entry.owner);
  await failed(entry, 0);
  await batches.retry(entry.id, null);
  const { retries } = await state(entry.id);
  await Promise.all(retries.map((retry) => batches.retried(entry.id, retry)));
  const { version } = await state(entry.id);
  const ofBatch = () => changes.seen.filter((change) => change?.id === entry.id);
  await expect
    .poll(ofBatch)
    .toEqual(Array.from({ length: version - 1 }, (_, i) => ({ id: entry.id, version: i + 2 })));
  expect(version).toBe(5);
});

test('changes the counts with the items, with a constant sum', async () => {
  const entry = await made(20);
  const keys = recordKeys(redis.settings.prefix);
  const sums = new Set<number>();
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      sums.add(countOf(await state(entry.id), STATUSES));
    }
  })();
  await Promise.all(Array.from({ length: 20 }, (_, place) => failed(entry, place)));
  over.abort();
  await watching;
  expect([...sums]).toEqual([20]);
  const batch = toBatch(await state(entry.id));
  expect(batch).toMatchObject({ status: 'running', progress: 1, etaSeconds: 0 });
  expect(batch.counts.failed).toBe(20);
  // One for each change of a count.
  expect(batch.version).toBe(1 + 2 * 20);
  expect(await redis.connection.zscore(keys.expiring, entry.id)).toBe(
    String(Date.parse(batch.expiresAt ?? '')),
  );
});

test('lists the hosts under way of the open batches of one owner', async () => {
  const [first, second, closed] = [await made(2), await made(1), await made(1)];
  const other = testBatch({ owner: 'bob' });
  await batches.create(other, 1);
  for (const entry of [first, second, closed, other]) {
    const item = fresh(entry, 0);
    await records.create(item);
    await batches.window(await state(entry.id)).enter(item.id, 'a.example:80');
  }
  await batches.window(await state(first.id)).enter('img_1', '');
  await transition(fresh(closed, 0).id, (current) => attempts.begin(current, AT, 'fetching'));
  await transition(fresh(closed, 0).id, (current) => endings.fail(current, AT, ERROR, [], DAY_MS));
  await close(closed.id);
  const hosts = await batches.activeHosts('acme');
  expect(hosts.get(first.id)?.toSorted()).toEqual(['', 'a.example:80']);
  expect(hosts.get(second.id)).toEqual(['a.example:80']);
  expect([hosts.has(closed.id), hosts.has(other.id)]).toEqual([false, false]);
  expect([...(await batches.activeHosts('bob')).keys()]).toEqual([other.id]);
});

test('reopens a batch for an item that is retried', async () => {
  const entry = await made(1);
  const id = await failed(entry, 0);
  expect(await close(entry.id)).toBe(true);
  expect(await batches.openIds()).not.toContain(entry.id);
  await transition(id, transitions.retry);
  expect(toBatch(await state(entry.id))).toMatchObject({
    status: 'running',
    finishedAt: null,
    expiresAt: null,
  });
  expect(await batches.openIds()).toContain(entry.id);
  expect(await close(entry.id)).toBe(false);
  expect(await batches.window(await state(entry.id)).pending(0, 10)).toEqual([{ imageId: id, place: 0 }]);
  expect(await redis.connection.zscore(recordKeys(redis.settings.prefix).expiring, entry.id)).toBeNull();
});

test('is finished from the step that sends its event, and running for a retry before that', async () => {
  const entry = await made(1);
  const id = await failed(entry, 0);
  const ended = await state(entry.id);
  expect(toBatch(ended)).toMatchObject({ status: 'running', progress: 1, finishedAt: null });
  await transition(id, transitions.retry);
  appendedEvents = 0;
  expect(await batches.close(ended, EXPIRY, batchEndOf(ended, null))).toBe(false);
  expect(appendedEvents).toBe(0);
  const eventsOfBatch = async () => {
    const entries = await redis.connection.xrange(
      recordKeys(redis.settings.prefix).outboxOf(entry.owner),
      '-',
      '+',
    );
    const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '').event);
    return events.filter(({ data }) => data.id === entry.id);
  };
  expect(await eventsOfBatch()).toEqual([]);
  await transition(id, (current) => transitions.cancel(current, DAY_MS));
  expect(await close(entry.id)).toBe(true);
  const { version, status, finishedAt } = toBatch(await state(entry.id));
  expect(await eventsOfBatch()).toMatchObject([{ timestamp: finishedAt, data: { version, status } }]);
  expect([version, status]).toEqual([ended.version + 3, 'finished']);
  // The job of the batch finds it closed.
  expect(await batches.close(await state(entry.id), EXPIRY, null)).toBe(true);
  expect((await state(entry.id)).version).toBe(version);
  expect(await eventsOfBatch()).toHaveLength(1);
  expect(appendedEvents).toBe(1);
});

test('removes a final item from the window, even if it enters late', async () => {
  const entry = await made(2);
  const window = batches.window(await state(entry.id));
  const record = fresh(entry, 0);
  await records.create(record);
  await window.enter(record.id, 'a.example:443');
  await window.addPending([{ imageId: record.id, place: 0 }]);
  await transition(record.id, (current) => transitions.cancel(current, DAY_MS));
  expect((await window.items()).size).toBe(0);
  expect(await window.countPending()).toBe(0);
});

test('keeps a batch running while items are to be retried', async () => {
  const entry = await made(1);
  await failed(entry, 0);
  await batches.retry(entry.id, 'source_not_found');
  await batches.retry(entry.id, null);
  const asked = await state(entry.id);
  expect(new Set(asked.retries.map(({ code }) => code))).toEqual(new Set(['source_not_found', null]));
  expect(toBatch(asked)).toMatchObject({ status: 'running', finishedAt: null });
  expect(await close(entry.id)).toBe(false);
  for (const retry of asked.retries) expect(await batches.retried(entry.id, retry)).toBe(true);
  expect(await close(entry.id)).toBe(true);
  expect(toBatch(await state(entry.id))).toMatchObject({ status: 'finished', version: asked.version + 3 });
});

test.each([0, 1])(
  'retries what failed by a clock that is ahead, also before %i later failures',
  async (later) => {
    const entry = await made(2);
    setRedisTime(Date.now() + 5000);
    const id = await failed(entry, 0);
    setRedisTime(null);
    if (later === 1) await failed(entry, 1);
    await batches.retry(entry.id, null);
    const [request] = (await state(entry.id)).retries;
    const failure = (await records.get(id))?.finishedAt;
    expect(request?.before).toBeGreaterThan(Date.parse(failure ?? ''));
  },
);

test('keeps a retry that is requested again while it runs', async () => {
  const entry = await made(1);
  await failed(entry, 0);
  await batches.retry(entry.id, null);
  const [first] = (await state(entry.id)).retries;
  if (first === undefined) throw new Error('it was not asked for');
  await batches.retry(entry.id, null);
  expect(await batches.retried(entry.id, first)).toBe(false);
  const [second] = (await state(entry.id)).retries;
  expect(second?.before).toBeGreaterThan(first.before);
});

test('finds items by status and by error code, in order', async () => {
  const entry = await made(30);
  for (const place of [20, 3, 11]) await failed(entry, place);
  expect(await batches.places(entry.id, { status: 'failed' }, 0, 10)).toEqual([3, 11, 20]);
  expect(await batches.places(entry.id, { code: 'source_not_found' }, 4, 1)).toEqual([11]);
  expect(await batches.places(entry.id, { code: 'invalid_row' }, 0, 10)).toEqual([]);
  await transition(itemId(entry, 11), transitions.retry);
  expect(await batches.places(entry.id, { code: 'source_not_found' }, 0, 10)).toEqual([3, 20]);
});

test('records a request once, and for a finished batch only a deletion', async () => {
  const running = await made(1);
  expect(await batches.request(running.id, 'cancelRequestedAt')).toBe(true);
  expect(await batches.request(running.id, 'cancelRequestedAt')).toBe(false);
  expect((await state(running.id)).version).toBe(2);
  const done = await made(1);
  await failed(done, 0);
  expect(await batches.request(done.id, 'cancelRequestedAt')).toBe(false);
  await batches.retry(done.id, null);
  expect(await batches.request(done.id, 'cancelRequestedAt')).toBe(true);
  expect(await batches.request(done.id, 'deleteRequestedAt')).toBe(true);
  expect(await close(done.id)).toBe(false);
  expect(await batches.request(testBatch().id, 'deleteRequestedAt')).toBe(false);
});

test('creates no counts for an item of a missing batch', async () => {
  const entry = testBatch();
  await records.create(fresh(entry, 0));
  expect(await batches.get(entry.id)).toBeNull();
});

test('counts the records of the items when a batch is restored', async () => {
  const entry = testBatch({ total: 5 });
  await failed(entry, 0);
  await failed(entry, 3);
  const record = fresh(entry, 1);
  await records.create(record);
  await transition(record.id, (current) => attempts.begin(current, AT, 'fetching'));
  await batches.create(entry, 1);
  expect(toBatch(await state(entry.id)).counts).toMatchObject({ queued: 2, processing: 1, failed: 2 });
  await transition(record.id, (current) => transitions.cancel(current, DAY_MS));
  expect(toBatch(await state(entry.id)).counts).toMatchObject({ queued: 2, processing: 0, canceled: 1 });
});

test('restores a batch as canceled if there is or was something to cancel', async () => {
  const running = testBatch({ total: 1 });
  const restored = { epoch: (await batches.epoch.current()).number, isCanceled: true };
  await batches.create(running, 1, restored);
  expect((await state(running.id)).cancelRequestedAt).not.toBeNull();
  const done = testBatch({ total: 1 });
  await failed(done, 0);
  await batches.create(done, 1, restored);
  await close(done.id);
  expect(toBatch(await state(done.id))).toMatchObject({ status: 'finished', cancelRequestedAt: null });
});

test('takes a cancellation that Redis lost after it had canceled the items', async () => {
  const entry = testBatch({ total: 2 });
  await failed(entry, 0);
  const record = fresh(entry, 1);
  await records.create(record);
  await transition(record.id, (current) => transitions.cancel(current, DAY_MS));
  await batches.create(entry, 1);
  expect(await close(entry.id)).toBe(true);
  expect(toBatch(await state(entry.id))).toMatchObject({ status: 'finished', counts: { canceled: 1 } });
  expect(await batches.request(entry.id, 'cancelRequestedAt')).toBe(true);
  expect(toBatch(await state(entry.id)).status).toBe('canceled');
});

test('closes and expires a restored batch whose items are all final', async () => {
  const entry = testBatch({ total: 1 });
  await failed(entry, 0);
  await batches.create(entry, 1);
  expect(await close(entry.id)).toBe(true);
  expect((await state(entry.id)).expiresAt).toBe(EXPIRY);
  const { expiring } = recordKeys(redis.settings.prefix);
  expect(await redis.connection.zscore(expiring, entry.id)).toBe(String(EXPIRY));
});

test('closes no batch that changed since it was read', async () => {
  const entry = await made(1);
  await failed(entry, 0);
  const before = await state(entry.id);
  await batches.retry(entry.id, null);
  expect(await batches.close(before, EXPIRY, batchEndOf(before, null))).toBe(false);
  expect(await batches.openIds()).toContain(entry.id);
  await batches.forget(before);
  expect(await batches.close(before, EXPIRY, batchEndOf(before, null))).toBe(false);
  expect(await redis.connection.exists(recordKeys(redis.settings.prefix).batch(entry.id))).toBe(0);
});

/** Runs `change` right after the next read of a batch. */
function changedAfterRead(change: () => Promise<unknown>): BatchStates {
  let isChanged = false;
  const hgetall = async (key: string) => {
    const fields = await redis.connection.hgetall(key);
    if (!isChanged) await change();
    isChanged = true;
    return fields;
  };
  const connection = new Proxy(redis.connection, {
    get(target, name) {
      if (name === 'hgetall') return hgetall;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return openBatchStates(connection, redis.settings.prefix);
}

const deletedAt = (ms: number) => {
  const time = new Date(ms).toISOString();
  return { cancelRequestedAt: null, deleteRequestedAt: time, finishedAt: time, expiresAt: time };
};

test('buries a batch once, above the versions of every state that Redis had', async () => {
  const entry = await made(2);
  await using changes = await recordChanges(redis, entry.owner);
  const tombstone = deletedAt(EXPIRY);
  const racing = changedAfterRead(() => batches.request(entry.id, 'deleteRequestedAt'));
  expect(await racing.bury(entry, tombstone, 1)).toBe(true);
  const buried = await state(entry.id);
  expect(buried).toMatchObject({ version: 3, minVersion: 2, queued: 0, deleted: 2, finishedAt: EXPIRY });
  expect(buried.buriedAt).not.toBe(null);
  const ofBatch = () => changes.seen.flatMap((change) => (change?.id === entry.id ? [change] : []));
  await expect.poll(() => ofBatch().map(({ version }) => version)).toEqual([2, 3]);
  expect(await batches.bury(entry, tombstone, 900)).toBe(false);
  expect(await state(entry.id)).toEqual(buried);
});

test('buries a batch that Redis lost, also if another process restores it meanwhile', async () => {
  const entry = testBatch({ total: 2 });
  const racing = changedAfterRead(() => batches.create(entry, 7));
  expect(await racing.bury(entry, deletedAt(EXPIRY), 7)).toBe(true);
  expect(await state(entry.id)).toMatchObject({ version: 8, minVersion: 8, deleted: 2 });
});

test('keeps the version of a buried batch whose counts were reported', async () => {
  const entry = await made(1);
  const record = fresh(entry, 0);
  await records.create(record);
  await transition(record.id, transitions.requestDelete);
  await transition(record.id, (current) => transitions.markDeleted(current, DAY_MS));
  const { version, updatedAt } = await state(entry.id);
  expect(await batches.bury(entry, deletedAt(EXPIRY), 900)).toBe(true);
  expect(await state(entry.id)).toMatchObject({ version, updatedAt, minVersion: 900, deleted: 1 });
});

test("lists an owner's batches, newest first, in pages", async () => {
  const owner = 'lister';
  const now = Date.now();
  const ids = [];
  for (let i = 0; i < 5; i++) {
    const entry = testBatch({ owner, createdAt: new Date(now + i * 1000).toISOString() });
    await batches.create(entry, 1);
    ids.unshift(entry.id);
  }
  const seen = [];
  let cursor: string | null = null;
  do {
    const page = await batches.list(owner, { cursor, limit: 2 });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(ids);
});

test('removes a forgotten batch from every list', async () => {
  const entry = await made(1);
  await batches.forget(await state(entry.id));
  expect(await batches.get(entry.id)).toBeNull();
  expect(await batches.openIds()).not.toContain(entry.id);
});

test('does not forget a batch that Redis lost and got back since it was read', async () => {
  const entry = await made(1);
  const before = await state(entry.id);
  await redis.connection.flushall();
  await batches.create(entry, firstVersionIn(1));
  await batches.forget(before);
  expect((await state(entry.id)).total).toBe(1);
});

test('refuses requests for a batch that is being forgotten, and forgets no batch that changed', async () => {
  const entry = await made(1);
  const id = await failed(entry, 0);
  const before = await state(entry.id);
  await batches.retry(entry.id, null);
  expect(await batches.beginForgetting(before)).toBe(false);
  const [asked] = (await state(entry.id)).retries;
  if (asked === undefined) throw new Error('it was not asked for');
  await batches.retried(entry.id, asked);

  expect(await batches.beginForgetting(await state(entry.id))).toBe(true);
  const forgotten = await state(entry.id);
  expect(forgotten.forgottenAt).not.toBe(null);
  expect(await batches.request(entry.id, 'deleteRequestedAt')).toBe(false);
  await batches.retry(entry.id, null);
  expect(
    (await batches.list(entry.owner, { cursor: null, limit: 1000 })).items.map((batch) => batch.id),
  ).not.toContain(entry.id);
  // A concurrent retry of an item has read the record.
  await transition(id, transitions.retry);
  expect(await state(entry.id)).toEqual(forgotten);
  await transition(id, (current) => transitions.cancel(current, DAY_MS));
  expect(await state(entry.id)).toEqual(forgotten);
  expect(await redis.connection.zscore(recordKeys(redis.settings.prefix).expiring, id)).not.toBe(null);
});

test('lists nothing of another owner, without a cursor', async () => {
  const entry = await made(2500);
  await Promise.all(Array.from({ length: 2500 }, (_, place) => records.create(fresh(entry, place))));
  expect(await records.list('other', { batchId: entry.id }, null, 7)).toEqual({ items: [], next: null });
});

test('lists each item of a batch once, in pages, although all have one creation time', async () => {
  const entry = await made(300);
  for (let place = 0; place < 300; place++) await records.create(fresh(entry, place));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await records.list('acme', { batchId: entry.id }, cursor, 7);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toHaveLength(300);
  expect(new Set(seen).size).toBe(300);
});

test('finds published images by the digest of their source, for their owner only', async () => {
  const entry = await made(1);
  const record = fresh(entry, 0);
  await records.create(record);
  const sha256 = 'cd'.repeat(32);
  await transition(record.id, (current) => attempts.begin(current, AT, 'fetching'));
  const facts = { filename: null, bytes: 3, mediaType: 'image/png', declaredType: null };
  const source = { ...facts, sha256, validator: null };
  await transition(record.id, (current) => fetches.fetched(current, AT, source));
  await transition(record.id, (current) => attempts.begin(current, AT, 'validating'));
  expect(await records.findBySha256('acme', [sha256])).toEqual([]);
  const placeholder = { thumbhash: '', color: '#000000' };
  const publication = { width: 1, height: 1, frames: 1, variants: {}, placeholder, receipt: testReceipt() };
  await transition(record.id, (current) => endings.publish(current, AT, publication, DAY_MS));
  expect((await records.findBySha256('acme', ['ef'.repeat(32), sha256])).map(({ id }) => id)).toEqual([
    record.id,
  ]);
  expect(await records.findBySha256('other', [sha256])).toEqual([]);
  expect((await records.get(record.id))?.attempts).toBe(1);
  await transition(record.id, transitions.requestDelete);
  await transition(record.id, (current) => transitions.markDeleted(current, DAY_MS));
  expect(await records.findBySha256('acme', [sha256])).toEqual([]);
});

test('ignores a worker that read the batch before Redis lost it', async () => {
  const entry = await made(3);
  const before = await state(entry.id);
  await batches.forget(before);
  const window = batches.window(before);
  expect(await window.advance(2)).toBe(false);
  expect(await window.enter('img_a', '')).toBe(false);
  expect(await batches.get(entry.id)).toBe(null);
  expect(await batches.create(entry, 900)).toBe(true);
  const restored = batches.window(await state(entry.id));
  expect(await restored.addPending([{ imageId: 'img_b', place: 1 }])).toBe(true);
  expect(await window.advance(2)).toBe(false);
  expect(await window.enter('img_a', '')).toBe(false);
  expect(await window.removePending(['img_b'])).toBe(false);
  expect((await restored.items()).size).toBe(0);
  expect(await restored.countPending()).toBe(1);
  expect(await records.create(fresh(entry, 0))).toBe(false);
  const after = await state(entry.id);
  expect([after.next, after.queued]).toEqual([0, 3]);
  expect(await records.create({ ...fresh(entry, 0), version: after.minVersion })).toBe(true);
  expect(await restored.advance(2)).toBe(true);
  expect((await state(entry.id)).next).toBe(2);
});
