import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setRedisTime } from '@pixdock/shared/runtime/clock';
import { openBucketFiles } from '@pixdock/shared/state/bucket-staging/bucket-files';
import type { ObjectBucket } from '@pixdock/shared/state/bucket-staging/object-bucket';
import { openBucketStaging } from '@pixdock/shared/state/bucket-staging/open-bucket-staging';
import { tidy } from '@pixdock/shared/state/bucket-staging/private-disk';
import { keyOf, REFUSED } from '@pixdock/shared/state/bucket-staging/versions';
import { type StagingLayout, stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import type { Staging } from '@pixdock/shared/state/staging';
import type { DirectUploadEntry, UploadForm } from '@pixdock/shared/state/uploads/direct-uploads';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { rawZip } from '@pixdock/shared/testing/raw-zip';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { testUpload } from '@pixdock/shared/testing/upload';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { stagingOf } from './staging.js';
import { openStagingOnOss } from './testing/staging-on-oss.js';

const HOUR_MS = 3600_000;
const BYTES = Buffer.from('abc');
const sha256 = createHash('sha256').update(BYTES).digest('hex');

let oss: Awaited<ReturnType<typeof openStagingOnOss>>;
/** Two hosts with a disk each. */
let [one, other]: Staging[] = [];
let [diskOfOne, diskOfOther] = ['', ''];
const openHost = (dataDir: string) => stagingOf({ kind: 'bucket', dataDir, bucket: oss.settings }).open();
beforeEach(async () => {
  oss = await openStagingOnOss();
  [diskOfOne, diskOfOther] = [temporaryFolder(), temporaryFolder()];
  [one, other] = [await openHost(diskOfOne), await openHost(diskOfOther)];
});

/** A staging on the bucket with other calls. */
const stagingOn = (calls: Partial<ObjectBucket>, dataDir = temporaryFolder()) =>
  openBucketStaging({ ...oss.bucket, check: async () => {}, ...calls }, dataDir);

/** Tidies a disk when its copies have not been used for a while. */
async function tidyLater(layout: StagingLayout): Promise<void> {
  const past = new Date(Date.now() - HOUR_MS / 60);
  for (const path of await readdir(layout.root, { recursive: true }).catch(() => []))
    await utimes(join(layout.root, path), past, past);
  const bucket = { ...oss.bucket, check: async () => {} };
  await tidy(bucket, openBucketFiles(bucket, layout.root), layout);
}

const host = (staging: Staging | undefined): Staging => {
  if (staging === undefined) throw new TypeError('no host');
  return staging;
};

function abcRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const record = testRecord();
  return { ...record, ...changes, source: { ...record.source, bytes: BYTES.length, sha256 } } as ImageRecord;
}

async function stage(staging: Staging, record: ImageRecord) {
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end(BYTES);
  await once(arrival.stream, 'close');
  await arrival.commit({ record, origin: null, idempotency: null });
  return arrival;
}

async function stageBatch(staging: Staging, count: number) {
  const entry = testBatch({ total: count });
  const arrival = await staging.batches.openArrival(entry.id);
  for (let i = 1; i <= count; i++) await arrival.add(testItem(i, { externalId: `hidden-${i}` }));
  await arrival.commit({ ...entry, total: count });
  arrival.keep();
  return entry;
}

const keys = async () => (await Array.fromAsync(oss.bucket.list(''))).map(({ key }) => key);
/** The text of all objects. */
async function everything(): Promise<string> {
  const texts = (await keys()).map(async (key) => (await oss.bucket.read(key))?.toString('latin1'));
  return (await Promise.all(texts)).join('\n');
}

const directUpload = (changes: Partial<DirectUploadEntry> = {}): DirectUploadEntry => ({
  id: `upl_${randomBytes(16).toString('hex')}`,
  owner: 'acme',
  uploadToken: null,
  maxBytes: 10,
  filename: 'a.jpg',
  createdAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + HOUR_MS).toISOString(),
  ...changes,
});

/** Posts the file of a direct upload, as a client does. */
async function postFile({ url, fields }: UploadForm, bytes: Buffer<ArrayBuffer>) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append('file', new Blob([bytes]), 'a.jpg');
  expect((await fetch(url, { method: 'POST', body })).status).toBe(204);
}

it('makes a direct upload the source of the image that is submitted with it', async () => {
  const [{ directUploads }, upload, record] = [host(one), directUpload(), abcRecord()];
  const form = await directUploads?.create(upload);
  expect(await directUploads?.read(upload.id)).toEqual({ upload, bytes: null });
  await postFile(form as UploadForm, BYTES);
  expect(await host(other).directUploads?.read(upload.id)).toEqual({ upload, bytes: 3 });
  {
    await using arrival = host(one).openUnfetchedArrival(record.id);
    await arrival.commit({ record, origin: { kind: 'direct', upload: upload.id }, idempotency: null });
    arrival.keep();
  }
  await directUploads?.remove(upload.id);
  expect(await directUploads?.read(upload.id)).toBe(null);
  const origin = await host(other).origin(record);
  {
    await using source = await host(other).openSourceArrival(record, origin as Origin, 10);
    expect(Buffer.concat(await Array.fromAsync(source.chunks()))).toEqual(BYTES);
    await source.commit();
  }
  expect(await host(one).isSourceWhole(record)).toBe(true);
  await host(one).writeOutcome(changedRecord(record, { status: 'published' }));
  expect(await Array.fromAsync(host(one).live())).toEqual([]);
});

it('accepts no image of a direct upload without a file, and leaves nothing of one that is refused', async () => {
  const [{ directUploads }, upload, record] = [host(one), directUpload(), abcRecord()];
  const form = (await directUploads?.create(upload)) as UploadForm;
  const entry = { record, origin: { kind: 'direct' as const, upload: upload.id }, idempotency: null };
  for (const isThere of [false, true]) {
    if (isThere) await postFile(form, BYTES);
    await using arrival = host(one).openUnfetchedArrival(record.id);
    if (isThere) await arrival.commit(entry);
    else await expect(arrival.commit(entry)).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await host(one).entry(record.id)).toBe(null);
  expect(await Array.fromAsync(host(one).live())).toEqual([]);
});

it('lists a direct upload until it expires, with its owner and its bytes', async () => {
  const upload = directUpload({ expiresAt: new Date(Date.now() - 1).toISOString() });
  await postFile((await host(one).directUploads?.create(upload)) as UploadForm, BYTES);
  expect(await host(one).directUploads?.read(upload.id)).toBe(null);
  const { byOwner } = await host(one).openUsageCounter().all(new Map());
  expect(byOwner.get('acme')).toBeGreaterThan(3);
  const [found] = await Array.fromAsync(host(other).uploads.leftovers());
  expect(await found?.expiresAt()).toBe(upload.expiresAt);
  expect(await found?.remove()).toBe(true);
  expect(await Array.fromAsync(oss.bucket.list('uploads/'))).toEqual([]);
});

it('lets another host read the source of an image, which one put has staged', async () => {
  const record = abcRecord();
  (await stage(host(one), record)).keep();
  expect(await keys()).toHaveLength(1);
  expect(await host(other).hasOwnSource(record)).toBe(true);
  expect(await host(other).isSourceWhole(record)).toBe(true);
  await using source = await host(other).openSource(record.id);
  expect(await readFile(source.path)).toEqual(BYTES);
});

it('lets another host process an image whose source this host has brought from its batch', async () => {
  const entry = testBatch({ total: 1 });
  const received = { bytes: BYTES.length, sha256 };
  const file = { kind: 'file', name: '0', received } as const;
  const batch = await host(one).batches.openArrival(entry.id);
  await batch.add(testItem(1, { origin: file }));
  const upload = await batch.file('0');
  upload.end(BYTES);
  await once(upload, 'close');
  await batch.commit(entry);
  batch.keep();
  const id = (await host(one).batches.open(entry.id))?.id(0) ?? '';
  const record = abcRecord({ id, batchId: entry.id });
  {
    await using arrival = await host(one).openSourceArrival(record, file, 100);
    await Array.fromAsync(arrival.chunks());
    await arrival.commit();
  }
  expect(await host(other).isSourceWhole(record)).toBe(true);
});

it('does not take a source for whole that has other bytes of the same length', async () => {
  const record = abcRecord();
  (await stage(host(one), record)).keep();
  const source = { ...record.source, sha256: 'f'.repeat(64) };
  expect(await host(other).isSourceWhole({ ...record, source })).toBe(false);
});

it('takes away a refused image, and what its put may leave later, until no put can be that late', async () => {
  const record = abcRecord();
  await (await stage(host(one), record))[Symbol.asyncDispose]();
  const [mark = '', ...others] = await keys();
  expect([mark, others]).toEqual([expect.stringContaining('submission.json~'), []]);
  expect(await oss.bucket.create(mark, BYTES)).toBe('exists');
  expect([await host(other).entry(record.id), await Array.fromAsync(host(other).live())]).toEqual([null, []]);
  const removeMarks = async () => {
    for await (const found of host(one).unfinishedEntries()) if (await found.isIdle(0)) await found.remove();
  };
  await removeMarks();
  expect(await keys()).toEqual([mark]);
  onTestFinished(() => setRedisTime(null));
  setRedisTime(Date.now() + 2 * HOUR_MS);
  await removeMarks();
  expect(await keys()).toEqual([]);
});

it('accepts the repeat of a refused request under the same id', async () => {
  const record = abcRecord();
  await (await stage(host(one), record))[Symbol.asyncDispose]();
  (await stage(host(other), record)).keep();
  expect(await host(one).isSourceWhole(record)).toBe(true);
});

it('erases what was known of an image before its deletion', async () => {
  const record = abcRecord({ externalId: 'hidden' });
  (await stage(host(one), record)).keep();
  await host(one).writeOutcome(changedRecord(record, { status: 'failed' }));
  expect(await everything()).toContain('hidden');
  const deleted = { ...record, externalId: null, version: record.version + 5 };
  await host(other).writeOutcome(changedRecord(deleted, { status: 'deleted' }));
  expect(await everything()).not.toContain('hidden');
  expect((await host(one).entry(record.id))?.record.status).toBe('deleted');
});

it('keeps the outcome with the highest version, whichever put lands last', async () => {
  const record = abcRecord();
  await host(one).writeOutcome(changedRecord(record, { status: 'published', version: 9 }));
  await host(other).writeOutcome(changedRecord(record, { status: 'failed', version: 8 }));
  expect((await host(one).entry(record.id))?.record).toMatchObject({ status: 'published', version: 9 });
});

it('keeps an outcome of the thousandth epoch, in which versions have eleven digits', async () => {
  const record = abcRecord({ version: 1000 * 2 ** 24 });
  await host(one).writeOutcome(changedRecord(record, { status: 'failed' }));
  expect((await host(other).entry(record.id))?.record).toMatchObject({
    status: 'failed',
    version: record.version,
  });
});

it('erases rows that two hosts delete at the same time, in the bucket and in the copies of both', async () => {
  const entry = await stageBatch(host(one), 20);
  const places = Array.from({ length: 20 }, (_, place) => place);
  const manifests = [await host(one).batches.open(entry.id), await host(other).batches.open(entry.id)];
  await Promise.all(
    places.map((place) => (async () => manifests[place % 2]?.erase(place, async () => true))()),
  );
  expect(await everything()).not.toContain('hidden');
  for (const disk of [diskOfOne, diskOfOther]) {
    const layout = stagingLayout(disk);
    await tidyLater(layout);
    const rest = await readdir(layout.root, { recursive: true, withFileTypes: true });
    for (const file of rest.filter((found) => found.isFile()))
      expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain('hidden');
  }
  expect((await (await host(one).batches.open(entry.id, 0))?.item(3))?.externalId).toBeNull();
});

it('reads an entry of an archive to its end while another one is erased from it', async () => {
  const large = randomBytes(2.5 * 1024 ** 2);
  // Random bytes cannot be compressed, so that the archive contains them.
  const picture = randomBytes(500);
  const made = rawZip([
    { name: 'a.jpg', content: large },
    { name: 'b.jpg', content: picture },
  ]);
  const entry = testBatch({ total: 2 });
  const arrival = await host(one).batches.openArrival(entry.id);
  for (const [i, origin] of made.origins.entries()) await arrival.add(testItem(i + 1, { origin }));
  await writeFile(arrival.archive, made.archive);
  await arrival.commit({ ...entry, total: 2 });
  arrival.keep();
  expect(await everything()).toContain(picture.toString('latin1'));
  const [origin] = made.origins;
  const manifest = await host(other).batches.open(entry.id);
  if (origin === undefined || manifest === null) throw new TypeError('no batch');
  const record = abcRecord({ id: manifest.id(0), batchId: entry.id });
  await using source = await host(one).openSourceArrival(record, origin, large.length);
  const pieces: Buffer[] = [];
  for await (const piece of source.chunks()) {
    if (pieces.length === 0) await manifest.erase(1, async () => true);
    pieces.push(piece);
  }
  expect(Buffer.concat(pieces).equals(large)).toBe(true);
  expect(await everything()).not.toContain(picture.toString('latin1'));
});

it('removes the copies of a batch that another host has forgotten', async () => {
  const entry = await stageBatch(host(one), 2);
  await host(other).batches.open(entry.id);
  const layout = stagingLayout(diskOfOther);
  expect(await readdir(layout.batch(entry.id))).toHaveLength(1);
  await tidyLater(layout);
  expect(await readdir(layout.batch(entry.id))).toHaveLength(1);
  await host(one).batches.forget(entry.id);
  await tidyLater(layout);
  await expect(readdir(layout.batch(entry.id))).rejects.toThrow('ENOENT');
});

it('removes what a killed server has put of a batch, and keeps a batch that is whole', async () => {
  const whole = await stageBatch(host(one), 2);
  const { id } = testBatch();
  await oss.bucket.create(keyOf(`batches/${id.slice(4, 6)}/${id}/items.ndjson`, 1), BYTES);
  for await (const partial of host(other).unfinishedEntries()) {
    if (partial.name !== id) continue;
    expect(await partial.isIdle(60_000)).toBe(false);
    expect(await partial.remove()).toBe(true);
  }
  expect(await Array.fromAsync(host(one).batches.ids())).toEqual([whole.id]);
  expect((await keys()).filter((key) => key.includes(id) && key.includes('items'))).toEqual([]);
  expect(await host(other).batches.open(whole.id)).not.toBe(null);
});

it('does not accept a batch whose rows the sweep has removed meanwhile', async () => {
  const entry = testBatch({ total: 1 });
  const arrival = await host(one).batches.openArrival(entry.id);
  await arrival.add(testItem(1));
  const { bucket } = oss;
  const swept = stagingOn({
    async create(key, body) {
      // Right before the entry.
      if (key.includes('batch.json'))
        for await (const found of host(other).unfinishedEntries()) await found.remove();
      return bucket.create(key, body);
    },
  });
  const slow = await (await swept).batches.openArrival(entry.id);
  await slow.add(testItem(1));
  await expect(slow.commit(entry)).rejects.toThrow('another request');
  await slow[Symbol.asyncDispose]();
  await arrival[Symbol.asyncDispose]();
  expect(await host(other).batches.open(entry.id)).toBe(null);
});

it('lets the later of two requests for one batch win, with its rows, also if the first wakes up last', async () => {
  const entry = testBatch({ total: 1 });
  const { bucket } = oss;
  let isDone = false;
  const stalled = await stagingOn({
    async create(key, body) {
      // Another request with the same key begins and ends while this one stalls before its rows.
      if (key.includes('items') && !isDone) {
        isDone = true;
        const later = await host(other).batches.openArrival(entry.id);
        await later.add(testItem(1, { externalId: 'later' }));
        await later.commit(entry);
        later.keep();
      }
      return bucket.create(key, body);
    },
  });
  const first = await stalled.batches.openArrival(entry.id);
  await first.add(testItem(1, { externalId: 'first' }));
  await expect(first.commit(entry)).rejects.toThrow('another request');
  const third = await openHost(temporaryFolder());
  expect((await (await third.batches.open(entry.id))?.item(0))?.externalId).toBe('later');
  await first[Symbol.asyncDispose]();
  expect((await (await host(other).batches.open(entry.id))?.item(0))?.externalId).toBe('later');
});

it('refuses an image as soon as the bucket responds again', async () => {
  const record = abcRecord();
  const away = await openAwayHost();
  await (await stage(away.staging, record))[Symbol.asyncDispose]();
  expect(await host(one).entry(record.id)).not.toBe(null);
  await away.tidy();
  expect(await host(one).entry(record.id)).toBe(null);
});

/** A host that cannot refuse anything before `tidy`, because the bucket does not respond then. */
async function openAwayHost(calls: Partial<ObjectBucket> = {}) {
  const dataDir = temporaryFolder();
  const staging = await stagingOn(
    {
      async create(key, body) {
        if (body === REFUSED) throw new Error('away');
        return oss.bucket.create(key, body);
      },
      ...calls,
    },
    dataDir,
  );
  return { staging, tidy: () => tidyLater(stagingLayout(dataDir)) };
}

it('keeps the accepted repeat of a request whose refusal comes later', async () => {
  const record = abcRecord();
  const away = await openAwayHost({ create: () => Promise.reject(new Error('away')) });
  await expect(stage(away.staging, record)).rejects.toThrow('away');
  (await stage(host(other), record)).keep();
  await away.tidy();
  expect((await host(one).entry(record.id))?.record.id).toBe(record.id);
  expect(await host(one).isSourceWhole(record)).toBe(true);
});

it('keeps what a repeat has adopted of a request whose refusal comes later', async () => {
  const record = abcRecord();
  const away = await openAwayHost();
  await (await stage(away.staging, record))[Symbol.asyncDispose]();
  const batch = testBatch({ total: 2 });
  {
    await using arrival = await away.staging.batches.openArrival(batch.id);
    for (const row of [1, 2]) await arrival.add(testItem(row));
    await arrival.commit(batch);
  }
  for (const { id } of [record, batch]) expect(await host(other).adopt(id)).not.toBe(null);
  await away.tidy();
  expect((await host(one).entry(record.id))?.record.id).toBe(record.id);
  expect(await host(one).isSourceWhole(record)).toBe(true);
  expect(await (await host(one).batches.open(batch.id))?.item(1)).toMatchObject({ row: 2 });
});

it('does not bring back a batch that is forgotten while a row of it is erased', async () => {
  const entry = await stageBatch(host(one), 2);
  const { bucket } = oss;
  const slow = await stagingOn({
    async create(key, body) {
      if (key.includes('items')) await host(other).batches.forget(entry.id);
      return bucket.create(key, body);
    },
  });
  await (await slow.batches.open(entry.id))?.erase(0, async () => true);
  expect((await keys()).filter((key) => key.startsWith('batches/'))).toEqual([]);
});

it('removes once more what a late put of an outcome may bring back of a deleted image', async () => {
  const record = abcRecord({ externalId: 'hidden' });
  await host(one).writeOutcome(changedRecord(record, { status: 'failed' }));
  const [key = ''] = await keys();
  const bytes = (await oss.bucket.read(key)) ?? BYTES;
  const deleted = changedRecord({ ...record, externalId: null, version: 9 }, { status: 'deleted' });
  await host(one).writeOutcome(deleted);
  await oss.bucket.create(key, bytes);
  onTestFinished(() => setRedisTime(null));
  setRedisTime(Date.now() + 2 * HOUR_MS);
  for await (const found of host(other).unfinishedEntries()) if (await found.isIdle(0)) await found.remove();
  expect(await everything()).not.toContain('hidden');
  expect((await host(one).entry(record.id))?.record.status).toBe('deleted');
});

it('keeps the text of the last of many writers, and one object of it', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `text ${i}`);
  await Promise.all(texts.map((text, i) => host(i % 2 === 0 ? one : other).notes.write('pause', text)));
  const text = await host(one).notes.read('pause');
  expect(texts).toContain(text);
  await host(one).notes.write('pause', 'last');
  expect(await host(other).notes.read('pause')).toBe('last');
  expect(await keys()).toHaveLength(1);
});

it('does not let two requests append to one upload at the same offset', async () => {
  const entry = testUpload();
  await host(one).uploads.create(entry);
  const send = async (staging: Staging, text: string) => {
    await using writer = await staging.uploads.write(entry.id, 0, false);
    await writer.write(Buffer.from(text));
    return await writer.end();
  };
  expect(await send(host(one), 'abc')).toBe(3);
  await expect(send(host(other), 'xyz!')).rejects.toThrow('other bytes at 0');
  expect((await host(one).uploads.read(entry.id))?.offset).toBe(3);
});

it('counts images in progress, held ones and those that are kept, by owner', async () => {
  const [running, held, failed] = [abcRecord(), abcRecord(), abcRecord()] as const;
  for (const record of [running, held, failed]) (await stage(host(one), record)).keep();
  const at = new Date().toISOString();
  await host(one).reviews.hold(held, 'a', { decision: 'hold', by: 'http', reasons: [], at, heldAt: at });
  await host(one).writeOutcome(changedRecord(failed, { status: 'failed' }));
  await stageBatch(host(one), 2);
  const work = await host(other).openUsageCounter().work();
  const sizes = new Map((await Array.fromAsync(oss.bucket.list(''))).map(({ key, bytes }) => [key, bytes]));
  const bytesOf = (part: string) =>
    [...sizes].reduce((sum, [key, bytes]) => sum + (key.includes(part) ? bytes : 0), 0);
  // A failed image counts as in progress for ten minutes.
  const failedBytes = bytesOf(`${failed.id}/`);
  expect(work.underWay).toBe(bytesOf(`live/${running.id.slice(4, 6)}/${running.id}`) + failedBytes);
  expect(work.held).toBe(bytesOf(held.id));
  expect(work.kept).toBe(bytesOf('batches/') + bytesOf('outcomes/'));
  expect(work.heldByOwner).toEqual(new Map([[held.owner, work.held]]));
});
