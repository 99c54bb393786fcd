import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { detailOf } from '@pixdock/contract/messages/detail';
import { type Profile, profileSchema } from '@pixdock/contract/profile';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { unfetched } from '@pixdock/shared/state/images/new-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { cancel, decide, requestDelete } from '@pixdock/shared/state/images/transitions';
import type { Verdict } from '@pixdock/shared/state/reviews';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord, type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import type { CircuitBreaker } from '../admission/circuit-breaker.js';
import { mustWait, permitOnce, retryAfter, UNLIMITED } from '../admission/permit.js';
import type { Quarantine } from '../admission/quarantine.js';
import { findOutput } from '../attempt/output.js';
import { requeueIfDecided } from '../attempt/review.js';
import type { ImageEngine } from '../image/types.js';
import type { HttpReviewer } from '../review/http-reviewer.js';
import { storageFault } from '../testing/store-double.js';
import { CONTEXT, HOUR_MS, JPEG, openWorkerParts } from '../testing/worker-parts.js';
import { processImage } from './process-image.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** An accepted image whose source is in staging. */
async function acceptedImage(changes: RecordChanges = {}, origin: Origin | null = null) {
  const parts = await openWorkerParts(redis);
  const { staging, records } = parts;
  const accepted = testRecord();
  const source = { ...accepted.source, bytes: JPEG.length, sha256: sha256(JPEG) };
  const record = changedRecord(accepted, { source, ...changes });
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end(JPEG);
  await once(arrival.stream, 'finish');
  await arrival.commit({ record, origin, idempotency: null });
  await records.create(record);
  const payload = { imageId: record.id, run: record.run, owner: record.owner };
  const read = async () => {
    const found = await records.get(record.id);
    if (found === null) throw new Error('no record');
    return found;
  };
  return { parts, record, payload, read, sourcePath: staging.layout.source(record.id) };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const keysIn = (objects: Map<string, unknown>) => [...objects.keys()].map((key) => key.split('/').at(-1));
const rendering = (render: ImageEngine['render']): ImageEngine => ({ render, async stop() {} });
const NEVER_RENDERS = rendering(() => Promise.reject(new Error('rendered')));

function failPut(breaker: CircuitBreaker, fault = storageFault('transient')): void {
  using permit = breaker.acquire('put');
  if (!mustWait(permit)) permit.recordFailure(fault);
}

it('publishes an image: renders it, stores its variants with main last, and removes its source', async () => {
  const { parts, payload, read, sourcePath } = await acceptedImage();
  expect(await processImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  const { status, url, variants, receipt, timeline } = await read();
  expect({ status, url }).toEqual({ status: 'published', url: variants.main?.url });
  expect(Object.keys(variants)).toEqual(['main', 'thumb']);
  expect(receipt?.detectedType).toBe('image/webp');
  expect(keysIn(parts.store.objects)).toEqual(['thumb.webp', 'main.webp']);
  const stages = ['received', 'validating', 'normalizing', 'uploading', 'verifying', 'published'];
  expect(timeline.map(({ stage }) => stage)).toEqual(stages);
  expect(existsSync(sourcePath)).toBe(false);
});

it.each([
  [1, 'finished'],
  [2, 'running'],
])('leaves the batch of %d items %s at once after its first item', async (total, status) => {
  const parts = await openWorkerParts(redis);
  const { staging, batches, records } = parts;
  const entry = testBatch({ total });
  const arrival = await staging.batches.openArrival(entry.id);
  for (let row = 1; row <= total; row++) await arrival.add(testItem(row));
  await arrival.commit(entry);
  await batches.create(entry, 1);
  const item = newItemRecord(entry, 0, testItem(1), 1);
  const source = { ...item.source, bytes: JPEG.length, sha256: sha256(JPEG) };
  await records.create({ ...item, source });
  await mkdir(staging.layout.image(item.id), { recursive: true });
  await writeFile(staging.layout.source(item.id), JPEG);
  await processImage(parts)({ imageId: item.id, run: 1, owner: item.owner }, CONTEXT);
  const state = await batches.get(entry.id);
  expect(state && toBatch(state)).toMatchObject({ status, counts: { published: 1 } });
});

it('deletes a due image without publishing it, and processes a kept one', async () => {
  const deleteAt = new Date(Date.now() - 1000).toISOString();
  const { parts, payload, read } = await acceptedImage({ deleteAt });
  const run = processImage({ ...parts, engine: NEVER_RENDERS });
  expect(await run(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(parts.queue.deletions).toEqual([payload.imageId]);
  expect((await read()).deleteRequestedAt).not.toBeNull();

  const kept = await acceptedImage({ deleteAt });
  await kept.parts.staging.keep(kept.payload.imageId);
  const process = processImage(kept.parts);
  expect(await process(kept.payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await process(kept.payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await kept.read()).toMatchObject({ status: 'published', deleteAt: null });
});

it('looks at an image again that has changed while the job looked at it', async () => {
  const { parts, payload, record, read } = await acceptedImage();
  const { staging, records } = parts;
  const isSourceWhole = staging.isSourceWhole.bind(staging);
  staging.isSourceWhole = async (known) => {
    await records.transition(record.id, requestDelete);
    return isSourceWhole(known);
  };
  const run = processImage({ ...parts, engine: NEVER_RENDERS });
  expect(await run(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await run(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).attempts).toBe(0);
});

it('frees its slot while a slow put continues', async () => {
  const { parts, payload, read } = await acceptedImage();
  let isFreed = false;
  parts.putBudget.recordPut(true);
  parts.store.before = async (operation) => {
    if (operation === 'put') await expect.poll(() => isFreed, { timeout: 10_000 }).toBe(true);
  };
  const freeSlot = () => {
    isFreed = true;
  };
  expect(await processImage(parts)(payload, { ...CONTEXT, freeSlot })).toEqual({ outcome: 'done' });
  expect((await read()).status).toBe('published');
});

it('saves no output that it puts at once, nor one of an image that is deleted meanwhile', async () => {
  const { parts, payload, read } = await acceptedImage();
  const outputs = { ...parts.staging.outputs, save: () => Promise.reject(new Error('saved')) };
  const staging = { ...parts.staging, outputs };
  expect(await processImage({ ...parts, staging })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).status).toBe('published');

  const deleted = await acceptedImage();
  const { store, images } = deleted.parts;
  store.before = async () => {
    await images.change(deleted.record.id, requestDelete);
    throw storageFault('transient');
  };
  await processImage(deleted.parts)(deleted.payload, CONTEXT);
  expect(await deleted.parts.staging.has(deleted.record.id, 'output')).toBe(false);
});

it('renders again when a loss of power has damaged the output before a later attempt', async () => {
  const { parts, payload, record, read } = await acceptedImage();
  const { store, breaker, staging, config } = parts;
  store.before = () => Promise.reject(storageFault('transient'));
  await processImage(parts)(payload, CONTEXT);
  store.before = () => undefined;
  await expect.poll(() => breaker.state(), { timeout: 10_000 }).toBe('half-open');
  const output = await findOutput(staging, record.id, config.profiles.get(record.profile) as Profile);
  if (output === null) throw new Error('no output');
  await writeFile(join(staging.layout.output(record.id), output.folder, 'main.webp'), '\0\0\0\0');

  expect(await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT)).toMatchObject({
    outcome: 'again',
  });
  expect(await processImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).status).toBe('published');
});

it('removes what an earlier attempt stored under another version of the profile', async () => {
  const { record } = await acceptedImage();
  const internal = { ...record.internal, keys: ['private/a/main.jpg'] };
  const { parts, payload, read } = await acceptedImage({ internal });
  parts.store.objects.set('private/a/main.jpg', {} as never);
  await processImage(parts)(payload, CONTEXT);
  expect(keysIn(parts.store.objects)).toEqual(['thumb.webp', 'main.webp']);
  // A late put of that attempt would otherwise stay when the image is deleted.
  expect((await read()).internal.keys).toHaveLength(3);
});

it('fails an image that a person rejected although its profile has no review any more', async () => {
  const at = new Date().toISOString();
  const review: Verdict = { decision: 'reject', by: 'manual', reasons: [], at, heldAt: at };
  const { parts, payload, read } = await acceptedImage({ status: 'processing', stage: 'reviewing', review });
  expect(await processImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ status: 'failed', error: { code: 'content_rejected' } });
  expect([parts.store.objects.size, existsSync(parts.staging.layout.image(payload.imageId))]).toEqual([
    0,
    false,
  ]);
});

it('keeps the permit of the reviewer while an approved image is put, since it has no slot', async () => {
  const reviewed = profileSchema.parse({ review: ['http'], variants: { main: {}, thumb: {} } });
  const { parts, payload, read } = await acceptedImage({ profile: 'reviewed' });
  const config = { ...parts.config, profiles: new Map([['reviewed', reviewed]]) };
  let permits = 0;
  const reviewer: HttpReviewer = {
    acquire() {
      permits++;
      return permitOnce(() => permits--);
    },
    ask: async () => ({ outcome: 'decided', decision: 'approve', reasons: [] }),
  };
  const during: number[] = [];
  parts.store.before = (operation) => operation === 'put' && during.push(permits);
  expect(await processImage({ ...parts, config, reviewer })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect([during, permits, (await read()).status]).toEqual([[1, 1], 0, 'published']);
});

it('asks no http reviewer if a person comes first in the list of reviewers', async () => {
  const people = profileSchema.parse({ review: ['manual', 'http'], variants: { main: {}, thumb: {} } });
  const { parts, payload, read } = await acceptedImage({ profile: 'people' });
  const config = { ...parts.config, profiles: new Map([['people', people]]) };
  const reviewer: HttpReviewer = {
    acquire: () => UNLIMITED,
    ask: () => Promise.reject(new Error('asked')),
  };
  await processImage({ ...parts, config, reviewer })(payload, CONTEXT);
  expect(await read()).toMatchObject({ status: 'processing', review: { decision: 'hold', by: 'manual' } });
});

it('queues an image again whose decision comes while a job looks at it', async () => {
  const people = profileSchema.parse({ review: ['manual'], variants: { main: {}, thumb: {} } });
  const { parts, payload, read } = await acceptedImage({ profile: 'people' });
  const config = { ...parts.config, profiles: new Map([['people', people]]) };
  const run = processImage({ ...parts, config });
  const followUp = requeueIfDecided(parts);
  await run(payload, CONTEXT);
  await followUp(payload);
  await run(payload, CONTEXT);
  const { review } = await read();
  if (review?.decision !== 'hold') throw new TypeError('not held');
  const approve = { ...review, decision: 'approve' as const };
  await parts.records.transition(payload.imageId, (record) => decide(record, approve));
  await followUp(payload);
  expect(parts.queue.runs).toHaveLength(1);
});

it('fails an image that the decoder refuses, with the reason', async () => {
  const { parts, payload, read } = await acceptedImage();
  const detail = detailOf('too-many-scans', { max: 9 });
  const engine = rendering(async () => ({ outcome: 'refused', code: 'image_corrupt', detail }));
  expect(await processImage({ ...parts, engine })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ status: 'failed', error: storedError('image_corrupt', detail) });
  expect(parts.store.objects.size).toBe(0);
});

it.each([
  ['deletion', requestDelete, 'processing'],
  ['cancellation', (record: ImageRecord) => cancel(record, HOUR_MS), 'canceled'],
] as const)('ends a render at once at a %s', async (_, end, status) => {
  const { parts, payload, record, read } = await acceptedImage();
  let isStarted = false;
  const engine = rendering((_task, signal) => {
    isStarted = true;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const ended = processImage({ ...parts, engine })(payload, CONTEXT);
  await expect.poll(() => isStarted, { timeout: 10_000 }).toBe(true);
  await parts.records.transition(record.id, end);
  const at = performance.now();
  expect(await ended).toEqual({ outcome: 'done' });
  // Without the signal, the render would never end.
  expect(performance.now() - at).toBeLessThan(10_000);
  expect((await read()).status).toBe(status);
});

it('removes an object that OSS stores seconds after the deletion', async () => {
  const { parts, payload, record } = await acceptedImage();
  const { store } = parts;
  const stored: Promise<unknown>[] = [];
  store.before = (operation, key, signal) => {
    if (operation !== 'put') return undefined;
    // OSS has the whole body, and is slow.
    const late = sleep(2000).then(() => store.objects.set(key, {} as never));
    stored.push(late);
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      void late.then(resolve);
    });
  };
  const ended = processImage(parts)(payload, CONTEXT);
  await expect.poll(() => stored.length, { timeout: 10_000 }).toBe(1);
  await parts.records.transition(record.id, requestDelete);
  expect(await ended).toEqual({ outcome: 'done' });
  await Promise.all(stored);
  expect([...store.objects.keys()]).toEqual([]);
});

it('removes an object that OSS stores although its put was aborted by a deletion', async () => {
  const { parts, payload, record } = await acceptedImage();
  const { store } = parts;
  const stored: number[] = [];
  let isStarted = false;
  store.before = (operation, key, signal) => {
    if (operation !== 'put') return undefined;
    isStarted = true;
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        // OSS has the whole body, and stores it a moment later.
        setTimeout(() => void stored.push(store.objects.set(key, {} as never).size), 200);
        reject(signal.reason);
      });
    });
  };
  const ended = processImage(parts)(payload, CONTEXT);
  await expect.poll(() => isStarted, { timeout: 10_000 }).toBe(true);
  await parts.records.transition(record.id, requestDelete);
  expect(await ended).toEqual({ outcome: 'done' });
  await expect.poll(() => stored.length).toBe(1);
  expect([...store.objects.keys()]).toEqual([]);
});

it('lets the next image test OSS at once when a deletion ended the put that tested it', async () => {
  const { parts, payload, record } = await acceptedImage();
  const { store, breaker } = parts;
  failPut(breaker);
  await expect.poll(() => breaker.state(), { timeout: 10_000 }).toBe('half-open');
  let isStarted = false;
  store.before = (operation, _key, signal) => {
    if (operation !== 'put') return undefined;
    isStarted = true;
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  };
  const ended = processImage(parts)(payload, CONTEXT);
  await expect.poll(() => isStarted, { timeout: 10_000 }).toBe(true);
  expect(breaker.state()).toBe('open');
  await parts.records.transition(record.id, requestDelete);
  expect(await ended).toEqual({ outcome: 'done' });
  expect(mustWait(breaker.acquire('put'))).toBe(false);
});

it('fails an image whose profile was removed from the settings', async () => {
  const { parts, payload, read } = await acceptedImage({ profile: 'removed' });
  await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('unknown_profile');
});

it.each([
  ['without a record', { run: 1 }, true],
  ['of an earlier run', { run: 2 }, false],
  ['that is canceled', { status: 'canceled' as const }, false],
])('does nothing for an image %s', async (_, changes, isForgotten) => {
  const { parts, payload, record } = await acceptedImage(changes);
  if (isForgotten) await parts.records.forget(record);
  const run = processImage({ ...parts, engine: NEVER_RENDERS });
  expect(await run({ ...payload, run: 1 }, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await parts.records.get(record.id))?.attempts ?? 0).toBe(0);
});

it.each(['its own put', "another image's put"])(
  'delays an image when %s shows that OSS is away, and later stores its output without rendering it again',
  async (whose) => {
    const { parts, payload, read } = await acceptedImage();
    // So long that a busy machine gets through what follows.
    const fault = storageFault('transient', { retryAfterMs: 3000 });
    parts.store.before = () => {
      throw fault;
    };
    if (whose !== 'its own put') failPut(parts.breaker, fault);
    const again = { outcome: 'again', afterMs: expect.any(Number) };
    expect(await processImage(parts)(payload, CONTEXT)).toEqual(again);
    const delayed = await read();
    expect(delayed).toMatchObject({ status: 'queued', attempts: 1 });
    expect(delayed.internal.delayedSince).not.toBe(null);
    expect(parts.breaker.state()).toBe('open');
    // While the breaker is open, the image stays delayed without an attempt.
    expect(await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT)).toEqual(again);
    expect((await read()).attempts).toBe(1);

    parts.store.before = () => {};
    await expect.poll(() => parts.breaker.state(), { timeout: 10_000 }).toBe('half-open');
    expect(await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT)).toEqual({
      outcome: 'done',
    });
    expect((await read()).status).toBe('published');
  },
);

it.each([
  ['transient', 'storage_unavailable'],
  ['configuration', 'storage_denied'],
] as const)('fails an image after STORAGE_GIVE_UP on %s faults of OSS with %s', async (kind, code) => {
  const { parts, payload, read } = await acceptedImage();
  parts.store.before = (operation) => {
    if (operation === 'put') throw storageFault(kind);
  };
  const config = { ...parts.config, storageGiveUpMs: 0 };
  expect(await processImage({ ...parts, config })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ status: 'failed', error: { code } });
});

it('fails an image whose object OSS rejects', async () => {
  const { parts, payload, read } = await acceptedImage();
  parts.store.before = (operation) => {
    if (operation === 'put') throw storageFault('rejected', { code: 'InvalidArgument' });
  };
  await processImage(parts)(payload, CONTEXT);
  expect((await read()).error?.code).toBe('storage_denied');
  expect(parts.breaker.state()).toBe('closed');
});

it('renders no image while OSS is away and staging is full, except one probe', async () => {
  const { parts, payload, read } = await acceptedImage();
  const diskQuota = { acquire: async () => retryAfter(1000) };
  let isProbeDue = false;
  const breaker = {
    ...parts.breaker,
    lastFault: () => storageFault('transient'),
    tryProbe: () => isProbeDue,
  };
  const full = processImage({ ...parts, diskQuota, breaker, engine: NEVER_RENDERS });
  expect(await full(payload, CONTEXT)).toMatchObject({ outcome: 'again' });
  expect((await read()).internal.delayedSince).not.toBe(null);
  isProbeDue = true;
  expect(await processImage({ ...parts, diskQuota, breaker })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).status).toBe('published');
});

it('fetches a source again that was lost from staging', async () => {
  const url = 'https://shop.example/photo.jpg';
  const { parts, payload, read, sourcePath } = await acceptedImage({}, { kind: 'url', url, headers: {} });
  await rm(sourcePath);
  expect(await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT)).toEqual({
    outcome: 'again',
    afterMs: 2000,
  });
  expect((await read()).source.bytes).toBe(null);
  expect(parts.queue.runs).toMatchObject([{ id: payload.imageId, needsSource: true }]);
});

it('removes what an attempt left in staging after the end of the image that Redis lost', async () => {
  const { parts, payload, record, read, sourcePath } = await acceptedImage();
  await parts.staging.writeOutcome(changedRecord(record, { status: 'published' }));
  await mkdir(dirname(sourcePath));
  const engine = NEVER_RENDERS;
  expect(await processImage({ ...parts, engine })(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await read()).status).toBe('published');
  expect(existsSync(dirname(sourcePath))).toBe(false);
});

it('leaves an image to the fetch that a restore queued, and looks again later', async () => {
  const { parts, payload, record, read } = await acceptedImage(
    { source: { ...testRecord().source, ...unfetched('url', null) } },
    { kind: 'url', url: 'https://shop.example/photo.jpg', headers: {} },
  );
  const engine = NEVER_RENDERS;
  expect(await processImage({ ...parts, engine })(payload, CONTEXT)).toMatchObject({ outcome: 'again' });
  expect(await read()).toMatchObject({ status: 'queued', version: record.version });
  expect(parts.queue.runs).toEqual([expect.objectContaining({ id: record.id, needsSource: true })]);
});

it('fails an uploaded image whose source was lost from staging', async () => {
  const { parts, payload, read, sourcePath } = await acceptedImage();
  await rm(sourcePath);
  await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('source_lost');
});

it('fails an image that was in progress in five workers when they died', async () => {
  const { record } = await acceptedImage();
  const internal = { ...record.internal, deaths: 4, attemptToken: 'killed' };
  const { parts, payload, read } = await acceptedImage({ status: 'processing', internal });
  await processImage({ ...parts, engine: NEVER_RENDERS })(payload, CONTEXT);
  expect((await read()).error?.code).toBe('processing_crashed');
});

it.each([
  [0, false],
  [2, true],
])('enters quarantine for an image after %d deaths of its worker: alone %s', async (deaths, isAlone) => {
  const { internal } = testRecord();
  const { parts, payload, read } = await acceptedImage({ internal: { ...internal, deaths } });
  const events: unknown[] = [];
  const quarantine: Quarantine = {
    async acquire(alone) {
      events.push(alone);
      return { hasWaited: false, [Symbol.dispose]: () => void events.push('left') };
    },
  };
  const render: ImageEngine['render'] = (task, signal) => {
    events.push('rendered');
    return parts.engine.render(task, signal);
  };
  await processImage({ ...parts, quarantine, engine: rendering(render) })(payload, CONTEXT);
  expect(events).toEqual([isAlone, 'rendered', 'left']);
  expect((await read()).status).toBe('published');
});

it('gives an image back to its queue when the worker stops', async () => {
  const { parts, payload, read } = await acceptedImage();
  const stopping = new AbortController();
  const engine = rendering(async (_task, signal) => {
    stopping.abort(new Error('stopping'));
    throw signal.reason;
  });
  const context = { ...CONTEXT, signal: stopping.signal };
  expect(await processImage({ ...parts, engine })(payload, context)).toEqual({
    outcome: 'again',
    afterMs: 0,
  });
  expect(await read()).toMatchObject({
    status: 'queued',
    internal: { attemptToken: null, delayedSince: null },
  });
});

it('retries an unexpected error, and fails the image at the last try', async () => {
  const { parts, payload, read } = await acceptedImage();
  const engine = rendering(() => Promise.reject(new TypeError('a bug')));
  const run = processImage({ ...parts, engine });
  await expect(run(payload, CONTEXT)).rejects.toThrow('a bug');
  expect((await read()).status).toBe('queued');
  expect(await run(payload, { ...CONTEXT, lastTry: true })).toEqual({ outcome: 'done' });
  expect((await read()).error?.code).toBe('processing_crashed');
});

it('delays an image on a fault of the machine, without an effect on the circuit breaker', async () => {
  const { parts, payload, read } = await acceptedImage();
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const run = processImage({ ...parts, engine: rendering(() => Promise.reject(full)) });
  expect(await run(payload, CONTEXT)).toMatchObject({ outcome: 'again' });
  const delayed = await read();
  expect(delayed.internal.delayedSince).not.toBe(null);
  expect(delayed.lastError).toMatchObject({ code: 'processing_crashed', reason: 'worker-disk-full' });
  expect(parts.breaker.lastFault()).toBe(undefined);
});

it.each([
  ['is canceled', (record: ImageRecord) => cancel(record, HOUR_MS)],
  ['is being deleted', requestDelete],
])('removes the objects of an image that %s during the upload', async (_, change) => {
  const { parts, payload, record } = await acceptedImage();
  const { store, records } = parts;
  let isFirst = true;
  store.before = async (operation, key) => {
    if (operation !== 'put' || !key.includes('main') || !isFirst) return;
    isFirst = false;
    await records.transition(record.id, change);
  };
  expect(await processImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect([...store.objects.keys()]).toEqual([]);
  expect((await records.get(record.id))?.status).not.toBe('published');
});
