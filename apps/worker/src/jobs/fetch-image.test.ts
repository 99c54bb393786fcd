import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { Reuse } from '@pixdock/contract/batch';
import { detailOf } from '@pixdock/contract/messages/detail';
import { builtInProfiles } from '@pixdock/contract/profile';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { endpointOf } from '@pixdock/shared/runtime/sources/endpoint';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { testReceipt } from '@pixdock/shared/testing/receipt';
import { changedRecord, type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import type { DiskQuota } from '../admission/disk-quota.js';
import { openHostSlots } from '../admission/host-slots.js';
import { mustWait, retryAfter } from '../admission/permit.js';
import { planVariants } from '../attempt/publish.js';
import { keysOf } from '../attempt/remove-objects.js';
import { requestDigest } from '../attempt/reusable.js';
import type { SourceClient, SourceOutcome } from '../fetch/types.js';
import { renderedVariants } from '../testing/rendered.js';
import { CONTEXT, JPEG, openWorkerParts } from '../testing/worker-parts.js';
import { fetchImage } from './fetch-image.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const URL = 'https://shop.example/photo.jpg';
const DETAIL = detailOf('source-status', { status: 404 });

/** An accepted image with a URL. */
async function remoteImage(changes: RecordChanges = {}) {
  const parts = await openWorkerParts(redis);
  const { staging, records } = parts;
  const accepted = testRecord();
  const nothing = { filename: null, bytes: null, sha256: null, mediaType: null };
  const source = { ...accepted.source, ...nothing, kind: 'url' as const };
  const record = changedRecord(accepted, { source, ...changes });
  const origin = { kind: 'url', url: URL, headers: {} } as const;
  await staging.openUnfetchedArrival(record.id).commit({ record, origin, idempotency: null });
  await records.create(record);
  const payload = { imageId: record.id, run: 1, owner: record.owner };
  const read = async () => {
    const found = await records.get(record.id);
    if (found === null) throw new Error('no record');
    return found;
  };
  return { parts, record, payload, read, sourcePath: staging.layout.source(record.id) };
}

/** A source client with one outcome, and the URLs and the validators that it was asked for. */
function responding(outcome: SourceOutcome) {
  const asked: string[] = [];
  const conditions: unknown[] = [];
  const sources: SourceClient = {
    async fetch({ url, validator }, write) {
      asked.push(url);
      conditions.push(validator);
      if (outcome.outcome === 'fetched') await write(JPEG);
      return outcome;
    },
    async stop() {},
  };
  return { asked, conditions, sources };
}

const FETCHED: SourceOutcome = {
  outcome: 'fetched',
  declaredType: 'image/jpeg',
  filename: 'photo.jpg',
  validator: null,
};
const NEVER_FETCHES: SourceClient = {
  fetch: () => Promise.reject(new Error('fetched')),
  async stop() {},
};

it('fetches a source into staging and queues the image to be processed', async () => {
  const { parts, payload, read, sourcePath } = await remoteImage();
  expect(await fetchImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await readFile(sourcePath)).toEqual(JPEG);
  expect((await read()).source).toMatchObject({
    filename: 'photo.jpg',
    bytes: JPEG.length,
    mediaType: 'image/jpeg',
  });
  expect(parts.queue.runs).toMatchObject([{ id: payload.imageId, needsSource: false }]);
});

it('deletes a due image without fetching it', async () => {
  const { parts, payload } = await remoteImage({ deleteAt: new Date(Date.now() - 1000).toISOString() });
  const fetch = fetchImage({ ...parts, sources: NEVER_FETCHES });
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(parts.queue.deletions).toEqual([payload.imageId]);
});

it('frees its slot before it waits for the host', async () => {
  const { parts, payload } = await remoteImage();
  const events: string[] = [];
  const sources: SourceClient = {
    ...parts.sources,
    fetch(...request) {
      events.push('asked');
      return parts.sources.fetch(...request);
    },
  };
  await fetchImage({ ...parts, sources })(payload, { ...CONTEXT, freeSlot: () => events.push('freed') });
  expect(events).toEqual(['freed', 'asked']);
});

it('takes the source of a held image that Redis lost from staging, since its host may not have it any more', async () => {
  const { parts, payload, record, read, sourcePath } = await remoteImage();
  const { staging, records } = parts;
  await fetchImage(parts)(payload, CONTEXT);
  const at = new Date().toISOString();
  await staging.reviews.hold(await read(), 'a', {
    decision: 'hold',
    by: 'http',
    reasons: [],
    at,
    heldAt: at,
  });
  const { source } = await read();
  await records.forget(await read());
  await records.create({ ...record, internal: { ...record.internal, keysLost: true } });
  const again = fetchImage({ ...parts, sources: NEVER_FETCHES });
  expect(await again(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).source).toEqual(source);
  expect(parts.queue.runs.at(-1)).toMatchObject({ id: payload.imageId, needsSource: false });
  expect(await readFile(sourcePath)).toEqual(JPEG);
});

it('does not put an older output beside a source that is fetched again after a loss of Redis', async () => {
  const { internal } = testRecord();
  const { parts, payload } = await remoteImage({ internal: { ...internal, keysLost: true } });
  const output = parts.staging.layout.output(payload.imageId);
  await mkdir(output, { recursive: true });
  await fetchImage(parts)(payload, CONTEXT);
  expect(existsSync(output)).toBe(false);
});

it('ends a fetch at once when its image is deleted', async () => {
  const { parts, record, payload, sourcePath } = await remoteImage();
  let isStarted = false;
  const sources: SourceClient = {
    fetch: (_request, _write, signal) => {
      isStarted = true;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
    async stop() {},
  };
  const ended = fetchImage({ ...parts, sources })(payload, CONTEXT);
  await expect.poll(() => isStarted, { timeout: 10_000 }).toBe(true);
  await parts.records.transition(record.id, requestDelete);
  expect(await ended).toEqual({ outcome: 'done' });
  expect(existsSync(sourcePath)).toBe(false);
});

it('waits for a slot at the host without an attempt', async () => {
  const { parts, payload, read } = await remoteImage();
  const hostSlots = openHostSlots(parts.leases, 'fetches', 1);
  // However the URL is spelled.
  using _ = await hostSlots.acquire(
    endpointOf(new globalThis.URL('https://SHOP.example.:443/b?x')).key,
    'acme',
    () => {},
  );
  const fetch = fetchImage({ ...parts, hostSlots, sources: NEVER_FETCHES });
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 400 });
  expect(await read()).toMatchObject({ status: 'queued', attempts: 0 });
});

it('frees the slot at the host once the source is there', async () => {
  const { parts, payload } = await remoteImage();
  const hostSlots = openHostSlots(parts.leases, 'fetches', 1);
  let isFree = false;
  const enqueue = async () => {
    const { key } = endpointOf(new globalThis.URL(URL));
    using slot = await hostSlots.acquire(key, 'acme', () => {});
    isFree = !mustWait(slot);
  };
  await fetchImage({ ...parts, hostSlots, queue: { ...parts.queue, enqueue } })(payload, CONTEXT);
  expect(isFree).toBe(true);
});

it('waits for space in staging without an attempt, and keeps no slot at the host', async () => {
  const { parts, payload, read } = await remoteImage();
  const hostSlots = openHostSlots(parts.leases, 'fetches', 1);
  const diskQuota: DiskQuota = { acquire: async () => retryAfter(1234) };
  const fetch = fetchImage({ ...parts, hostSlots, diskQuota, sources: NEVER_FETCHES });
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 1234 });
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 1234 });
  expect((await read()).attempts).toBe(0);
});

it('reserves the largest source, and keeps only the blocks of the bytes that came', async () => {
  const { parts, payload } = await remoteImage();
  const calls: unknown[] = [];
  const diskQuota: DiskQuota = {
    async acquire(owner, bytes) {
      calls.push(['acquire', owner, bytes]);
      return {
        commit: (stored) => void calls.push(['commit', stored]),
        [Symbol.dispose]: () => void calls.push(['dispose']),
      };
    },
  };
  await fetchImage({ ...parts, diskQuota })(payload, CONTEXT);
  const reserved = ['acquire', payload.owner, parts.config.maxUploadBytes];
  expect(calls).toEqual([reserved, ['commit', bytesOnDisk(JPEG.length)], ['dispose']]);
});

it('tries a source again after the time that its host names, and fails at the fifth fetch', async () => {
  const { parts, payload, read } = await remoteImage();
  const busy = {
    outcome: 'later',
    code: 'source_unreachable',
    detail: DETAIL,
    retryAfterMs: 40_000,
  } as const;
  const fetch = fetchImage({ ...parts, ...responding(busy) });
  for (let i = 0; i < 4; i++)
    expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 40_000 });
  expect((await read()).status).toBe('queued');
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'done' });
  const error = storedError('source_unreachable', DETAIL);
  expect(await read()).toMatchObject({ status: 'failed', attempts: 5, error });
});

it('waits between fetches even if the host asks for no delay', async () => {
  const { parts, payload } = await remoteImage();
  const busy = { outcome: 'later', code: 'source_unreachable', detail: DETAIL, retryAfterMs: 0 } as const;
  const fetch = fetchImage({ ...parts, ...responding(busy) });
  for (const atLeastMs of [1000, 2000, 4000, 8000]) {
    const result = await fetch(payload, CONTEXT);
    expect(result.outcome === 'again' && result.afterMs).toBeGreaterThanOrEqual(atLeastMs);
  }
});

it('fails an image whose source does not exist', async () => {
  const { parts, payload, read } = await remoteImage();
  const missing = responding({ outcome: 'failed', code: 'source_not_found', detail: DETAIL });
  expect(await fetchImage({ ...parts, ...missing })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).error).toEqual(storedError('source_not_found', DETAIL));
});

it('fails an image whose address is no longer known', async () => {
  const { parts, payload, record, read } = await remoteImage();
  await parts.staging.forget(record.id);
  await fetchImage({ ...parts, sources: NEVER_FETCHES })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('source_lost');
});

it('closes the batch of its last item at once', async () => {
  const { parts, first, second } = await twins();
  const missing = responding({ outcome: 'failed', code: 'source_not_found', detail: DETAIL });
  const fetch = fetchImage({ ...parts, ...missing });
  const status = async () => {
    const state = await parts.batches.get((await parts.records.get(first.imageId))?.batchId ?? '');
    return state && toBatch(state).status;
  };
  await fetch(first, CONTEXT);
  expect(await status()).toBe('running');
  await fetch(second, CONTEXT);
  expect(await status()).toBe('finished');
});

it('refuses a source that is not an image', async () => {
  const { parts, payload, read, sourcePath } = await remoteImage();
  const sources: SourceClient = {
    async fetch(_request, write) {
      await write(Buffer.from('<html>Not found</html>'.repeat(10)));
      return FETCHED;
    },
    async stop() {},
  };
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('unsupported_media_type');
  expect(existsSync(sourcePath)).toBe(false);
});

it('fails an image that was in progress in five workers when they died', async () => {
  const { internal } = testRecord();
  const killed = { ...internal, deaths: 4, attemptToken: 'killed' };
  const { parts, payload, read } = await remoteImage({ status: 'processing', internal: killed });
  await fetchImage({ ...parts, sources: NEVER_FETCHES })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('processing_crashed');
});

it('queues a fetched image whose worker died before it did', async () => {
  const { parts, payload, record } = await remoteImage();
  await fetchImage(parts)(payload, CONTEXT);
  parts.queue.runs.length = 0;
  expect(await fetchImage({ ...parts, sources: NEVER_FETCHES })(payload, CONTEXT)).toEqual({
    outcome: 'done',
  });
  expect(parts.queue.runs).toMatchObject([{ id: record.id, needsSource: false }]);
});

it.each([
  ['without a record', (parts: Parts, record: ImageRecord) => parts.records.forget(record)],
  ['of a later run', (parts: Parts, { id }: ImageRecord) => parts.records.transition(id, asRun2)],
])('does nothing for an image %s', async (_, change) => {
  const { parts, payload, record } = await remoteImage();
  await change(parts, record);
  expect(await fetchImage({ ...parts, sources: NEVER_FETCHES })(payload, CONTEXT)).toEqual({
    outcome: 'done',
  });
});

type Parts = Awaited<ReturnType<typeof remoteImage>>['parts'];
const asRun2 = (record: ImageRecord) => ({ ...record, run: 2 });

it('gives an image back to its queue when the worker stops', async () => {
  const { parts, payload, read } = await remoteImage();
  const stopping = new AbortController();
  const sources: SourceClient = {
    async fetch(_request, _write, signal) {
      stopping.abort(new Error('stopping'));
      throw signal.reason;
    },
    async stop() {},
  };
  const context = { ...CONTEXT, signal: stopping.signal };
  expect(await fetchImage({ ...parts, sources })(payload, context)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await read()).toMatchObject({ status: 'queued', internal: { attemptToken: null, fetches: 0 } });
});

/** A batch of two items with the same URL. */
async function twins() {
  const parts = await openWorkerParts(redis);
  const { staging, batches, records } = parts;
  const item = (row: number) => testItem(row, { origin: { kind: 'url', url: URL, headers: {} } });
  const entry = testBatch({ total: 2 });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2]) await arrival.add(item(row));
  await arrival.commit(entry);
  await batches.create(entry, 1);
  const [first, second] = [0, 1].map((place) => newItemRecord(entry, place, item(place + 1), 1)) as [
    ImageRecord,
    ImageRecord,
  ];
  for (const record of [first, second]) await records.create(record);
  const payload = ({ id, owner }: ImageRecord) => ({ imageId: id, run: 1, owner });
  return { parts, first: payload(first), second: payload(second) };
}

it('fetches a source that two items of a batch share once', async () => {
  const { parts, first, second } = await twins();
  const { asked, sources } = responding(FETCHED);
  const fetch = fetchImage({ ...parts, sources });
  expect(await fetch(first, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await fetch(second, CONTEXT)).toEqual({ outcome: 'done' });
  expect(asked).toEqual([URL]);
  const { layout } = parts.staging;
  for (const { imageId } of [first, second]) expect(await readFile(layout.source(imageId))).toEqual(JPEG);
});

it('fetches a shared source once, also if another item brings it during the look-up', async () => {
  const { parts, first, second } = await twins();
  const { asked, sources } = responding(FETCHED);
  const fetch = fetchImage({ ...parts, sources });
  const inRedis = async (id: string) => {
    if (id === first.imageId) await fetch(first, CONTEXT);
    return parts.images.inRedis(id);
  };
  const fetchBehind = fetchImage({ ...parts, sources, images: { ...parts.images, inRedis } });
  expect(await fetchBehind(second, CONTEXT)).toEqual({ outcome: 'done' });
  expect(asked).toEqual([URL]);
});

it('has an item wait while another item fetches their source', async () => {
  const { parts, second } = await twins();
  const fetch = fetchImage({ ...parts, sources: NEVER_FETCHES });
  expect(await fetch(second, CONTEXT)).toEqual({ outcome: 'again', afterMs: 400 });
});

it('fails an item whose source another item could not fetch', async () => {
  const { parts, first, second } = await twins();
  const { asked, sources } = responding({ outcome: 'failed', code: 'source_not_found', detail: DETAIL });
  const fetch = fetchImage({ ...parts, sources });
  await fetch(first, CONTEXT);
  await fetch(second, CONTEXT);
  expect(asked).toEqual([URL]);
  expect((await parts.records.get(second.imageId))?.error).toEqual(storedError('source_not_found', DETAIL));
});

const ETAG = '"33a64df5"';
const UNCHANGED: SourceOutcome = { outcome: 'unchanged', filename: 'own.jpg' };

const DEFAULT = builtInProfiles().get('default') ?? never();
const UNLABELLED = testReceipt({
  profileVersion: profileVersion(DEFAULT),
  aiLabel: {
    label: 'ai',
    producer: null,
    produceId: null,
    propagator: null,
    source: 'xmp',
    written: false,
    omitted: 'setting',
  },
});

/** Two items of a batch with `reuse`, and a published image of its owner, all with the same URL and bytes. */
async function itemAndImage(reuse: Reuse[], changes: RecordChanges = {}) {
  const parts = await openWorkerParts(redis);
  const { staging, batches, records, config } = parts;
  const origin = { kind: 'url', url: URL, headers: {} } as const;
  const items = [testItem(1, { origin }), testItem(2, { origin })];
  const owner = `owner-${randomUUID()}`;
  const entry = testBatch({ owner, total: 2, rows: 2, reuse });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const item of items) await arrival.add(item);
  await arrival.commit(entry);
  await batches.create(entry, 1);
  const [record, twin] = items.map((item, place) => newItemRecord(entry, place, item, 1)) as [
    ImageRecord,
    ImageRecord,
  ];
  for (const one of [record, twin]) await records.create(one);
  const accepted = testRecord({ owner });
  const { rendered } = renderedVariants(['main', 'thumb'], config.profiles.get('default'));
  const variants = planVariants(parts.store, '', accepted.id, rendered);
  const sha256 = createHash('sha256').update(JPEG).digest('hex');
  const validator = { request: requestDigest(parts, accepted, origin), value: ETAG };
  const image = changedRecord(accepted, {
    status: 'published',
    source: { ...accepted.source, kind: 'url', bytes: JPEG.length, sha256, width: 4, height: 3, frames: 1 },
    url: 'https://files.example/main.webp',
    variants,
    receipt: rendered.receipt,
    internal: { ...accepted.internal, validator },
    ...changes,
  });
  await records.create(image);
  const payloadOf = ({ id }: ImageRecord) => ({ imageId: id, run: 1, owner });
  const read = async () => (await records.get(record.id)) ?? never();
  return { parts, entry, image, payload: payloadOf(record), second: payloadOf(twin), read };
}

it('makes an item the image of its URL if the host says that the source is unchanged', async () => {
  const { parts, entry, image, payload, read } = await itemAndImage(['url']);
  const { conditions, sources } = responding(UNCHANGED);
  expect(await fetchImage({ ...parts, sources })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(conditions).toEqual([ETAG]);
  const { url, variants, receipt, placeholder, source } = image;
  const { bytes, sha256, width } = source;
  const reused = { reusedId: image.id, url, variants, receipt, placeholder };
  const item = await read();
  const expected = { bytes, sha256, width, filename: 'own.jpg' };
  expect(item).toMatchObject({ status: 'published', ...reused, source: expected });
  expect((await parts.staging.ownEntry(item.id))?.record).toEqual(item);
  expect([parts.queue.runs, existsSync(parts.staging.layout.image(item.id))]).toEqual([[], false]);
  const state = await parts.batches.inRedis(entry.id);
  expect([state?.published, state?.queued]).toEqual([1, 1]);
  // Its objects are those of the image.
  expect(keysOf(item, parts.config)).toEqual([]);
  expect(await parts.images.findBySha256(image.owner, [sha256 ?? ''])).toEqual([image]);
});

it.each<[string, Reuse[], RecordChanges]>([
  ['its batch reuses none', [], {}],
  ['its batch reuses only equal bytes', ['content'], { source: { ...testRecord().source } }],
  ['the image is being deleted', ['url', 'content'], { deleteRequestedAt: '2026-11-28T00:00:00.000Z' }],
  ['the image will be deleted later', ['url', 'content'], { deleteAt: '2126-11-28T00:00:00.000Z' }],
  ['the image has another version of the profile', ['url', 'content'], { receipt: testReceipt() }],
  ['the image lacks the label that AI_LABEL keeps now', ['url', 'content'], { receipt: UNLABELLED }],
  ['the image has another profile', ['url', 'content'], { profile: 'compact' }],
  ['the image has another owner', ['url', 'content'], { owner: 'bob' }],
  ['the image is not published', ['url', 'content'], { status: 'failed', url: null }],
])('fetches the source of an item without a condition if %s', async (_, reuse, changes) => {
  const { parts, payload, read } = await itemAndImage(reuse, changes);
  const { conditions, sources } = responding(FETCHED);
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  expect(conditions).toEqual([null]);
  expect(await read()).toMatchObject({ status: 'processing', reusedId: null });
  expect(parts.queue.runs).toHaveLength(1);
});

it('makes an item with the URL of an earlier one the same image, without another request', async () => {
  const { parts, image, payload, second } = await itemAndImage(['url']);
  const { conditions, sources } = responding(UNCHANGED);
  const fetch = fetchImage({ ...parts, sources });
  await fetch(payload, CONTEXT);
  await fetch(second, CONTEXT);
  expect(conditions).toEqual([ETAG]);
  const twin = await parts.records.get(second.imageId);
  expect(twin).toMatchObject({ status: 'published', reusedId: image.id, source: { filename: 'own.jpg' } });
});

it('makes an item the image with the same bytes, and remembers the validator of its URL', async () => {
  const { parts, image, payload, read } = await itemAndImage(['url', 'content']);
  const { sources } = responding({ ...FETCHED, validator: '"newer"' });
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  const item = await read();
  expect(item).toMatchObject({ status: 'published', reusedId: image.id, source: { filename: 'photo.jpg' } });
  expect(parts.queue.runs).toEqual([]);
  const { request = '' } = item.internal.validator ?? {};
  expect(item.internal.validator?.value).toBe('"newer"');
  const found = await parts.images.findByRequest(image.owner, request);
  expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([item.id, image.id]));
});

it.each(['url', 'content'] as const)('reuses by %s no image whose batch is being deleted', async (reuse) => {
  const before = testBatch({ total: 1, rows: 1 });
  const { parts, payload, read } = await itemAndImage([reuse], { batchId: before.id });
  await parts.batches.create(before, 1);
  await parts.batches.request(before.id, 'deleteRequestedAt');
  const { sources } = responding(reuse === 'url' ? UNCHANGED : FETCHED);
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  expect((await read()).reusedId).toBeNull();
});

it('reuses no image whose deletion is only in staging, because Redis lost its last second', async () => {
  const { parts, image, payload, read } = await itemAndImage(['content']);
  await parts.staging.writeOutcome(image);
  await parts.staging.requestDelete(image.id);
  const { sources } = responding(FETCHED);
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  expect((await read()).reusedId).toBeNull();
});

it('fetches an unchanged source after all if its image is deleted during the fetch', async () => {
  const { parts, image, payload, read } = await itemAndImage(['url']);
  const { conditions, sources } = responding(UNCHANGED);
  const losing: SourceClient = {
    ...sources,
    async fetch(...call) {
      await parts.records.transition(image.id, requestDelete);
      return sources.fetch(...call);
    },
  };
  const fetch = fetchImage({ ...parts, sources: losing });
  expect(await fetch(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await read()).toMatchObject({ status: 'queued', reusedId: null });
  const { conditions: later, sources: fetching } = responding(FETCHED);
  await fetchImage({ ...parts, sources: fetching })(payload, CONTEXT);
  expect([...conditions, ...later]).toEqual([ETAG, null]);
});

it('records the validator of a fetched source', async () => {
  const { parts, payload, read } = await remoteImage();
  const { sources } = responding({ ...FETCHED, validator: ETAG });
  await fetchImage({ ...parts, sources })(payload, CONTEXT);
  expect((await read()).internal.validator).toEqual({ request: expect.any(String), value: ETAG });
});

function never(): never {
  throw new Error('missing');
}
