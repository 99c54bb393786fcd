import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Review } from '@pixdock/contract/review';
import type { ObjectBucket } from '@pixdock/shared/state/bucket-staging/object-bucket';
import { keyOf } from '@pixdock/shared/state/bucket-staging/versions';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import { type MoveTarget, openStagingMove } from '@pixdock/shared/state/move-staging/move-staging';
import { batchFiles, stagedNames, uploadFiles } from '@pixdock/shared/state/staged/staged-names';
import type { Staging } from '@pixdock/shared/state/staging';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { rawZip } from '@pixdock/shared/testing/raw-zip';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { testUpload } from '@pixdock/shared/testing/upload';
import { beforeEach, expect, it } from 'vitest';
import { stagingOf } from './staging.js';
import { openStagingOnOss } from './testing/staging-on-oss.js';

const BYTES = Buffer.from('abc');
const sha256 = createHash('sha256').update(BYTES).digest('hex');
const AT = '2026-01-05T08:00:00.000Z';
const ENTRY = { origin: null, idempotency: { keyHash: 'k', fingerprint: 'f' } };

let oss: Awaited<ReturnType<typeof openStagingOnOss>>;
let bucket: ObjectBucket;
/** DATA_DIR of the folder that is moved. */
let dataDir: string;
let folder: Staging;
beforeEach(async () => {
  oss = await openStagingOnOss();
  bucket = { ...oss.bucket, check: async () => {} };
  dataDir = temporaryFolder();
  folder = await openStaging(dataDir);
  await folder.notes.write('id', 'the id');
});

const inBucket = (disk = temporaryFolder()) =>
  stagingOf({ kind: 'bucket', dataDir: disk, bucket: oss.settings }).open();
async function move(to: MoveTarget, dir = dataDir, through = bucket) {
  const moving = openStagingMove(to, dir, through);
  await moving.copy();
  await moving.copyId();
  return moving.progress;
}
const keys = async () => (await Array.fromAsync(oss.bucket.list(''))).map(({ key }) => key);
const shard = (kind: string, id: string) => `${kind}/${id.slice(4, 6)}/${id}`;

function abcRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const record = testRecord();
  return { ...record, ...changes, source: { ...record.source, bytes: BYTES.length, sha256 } } as ImageRecord;
}

async function stage(staging: Staging, changes: Partial<ImageRecord> = {}): Promise<ImageRecord> {
  const record = abcRecord(changes);
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end(BYTES);
  await once(arrival.stream, 'close');
  await arrival.commit({ record, ...ENTRY });
  arrival.keep();
  return record;
}

async function stageBatch(staging: Staging) {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  const file: Origin = { kind: 'file', name: '0', received: { bytes: BYTES.length, sha256 } };
  const headers = { cookie: 'a=1' };
  await arrival.add(testItem(1, { origin: { kind: 'url', url: 'https://a.example/1.jpg', headers } }));
  await arrival.add(testItem(2, { origin: file }));
  await arrival.add(testItem(3, { externalId: 'hidden' }));
  await writeFile(arrival.archive, rawZip([{ name: 'a.jpg', content: BYTES }]).archive);
  const upload = await arrival.file('0');
  upload.end(BYTES);
  await once(upload, 'close');
  await arrival.commit(entry);
  arrival.keep();
  return entry;
}

async function receive(staging: Staging, bytes: string) {
  const entry = testUpload();
  await staging.uploads.create(entry);
  await using writer = await staging.uploads.write(entry.id, 0, false);
  await writer.write(Buffer.from(bytes));
  await writer.end();
  return entry;
}

/** Stages one of each, and returns the ids. */
async function stageAll(staging: Staging) {
  const running = await stage(staging, { deleteAt: AT });
  await staging.keep(running.id);
  await staging.requestDelete(running.id);
  const review: Review = { decision: 'hold', by: 'http', reasons: [], at: AT, heldAt: AT };
  await staging.reviews.hold(running, 'subject', review);
  const attempt = crypto.randomUUID();
  const main = { file: 'main.webp', format: 'webp', bytes: BYTES.length };
  const rendered = JSON.stringify({ folder: attempt, rendered: { variants: { main } } });
  await staging.outputs.save(running.id, attempt, [['main.webp', BYTES]], rendered);
  const [failed, published, deleted] = [await stage(staging), await stage(staging), await stage(staging)];
  await staging.writeOutcome(changedRecord(failed, { status: 'failed', version: 7 }));
  await staging.writeOutcome(changedRecord(published, { status: 'published', version: 9 }));
  await staging.writeOutcome(changedRecord(deleted, { status: 'deleted', version: 2 ** 34 }));
  const fetched = testRecord();
  const unfetched = staging.openUnfetchedArrival(fetched.id);
  const origin = { kind: 'url', url: 'https://a.example/1.jpg', headers: {} } as const;
  await unfetched.commit({ record: fetched, ...ENTRY, origin });
  unfetched.keep();
  const batch = await stageBatch(staging);
  await staging.batches.noteName(batch.id, 'spring');
  await staging.batches.noteChange(batch.id, 'retry-all');
  const buried = await stageBatch(staging);
  const times = { cancelRequestedAt: null, deleteRequestedAt: AT, finishedAt: AT, expiresAt: AT };
  await staging.batches.addTombstone(buried, times);
  await staging.batches.dropRows(buried.id);
  const [upload, empty, finished] = [
    await receive(staging, 'some bytes'),
    await receive(staging, ''),
    await receive(staging, 'all'),
  ];
  await staging.uploads.finish(finished, 'img_1');
  await staging.notes.write('pause', AT);
  await staging.notes.write('webhooks/acme/whk_1.json', '{}');
  return {
    images: [running, failed, published, deleted, fetched],
    batches: [batch, buried],
    uploads: [upload, empty, finished],
  };
}

type Staged = Awaited<ReturnType<typeof stageAll>>;

/** All that a staging says of them. */
async function lookAt(staging: Staging, { images, batches, uploads }: Staged) {
  const ofImages = images.map(async (record) => ({
    entry: await staging.entry(record.id),
    origin: await staging.origin(record),
    isWhole: await staging.isSourceWhole(record),
    hasSource: await staging.hasOwnSource(record),
    review: await staging.reviews.find(record.id, 'subject'),
    output: await staging.outputs.manifest(record.id),
    variant: await contentOf(staging, record.id),
  }));
  const ofBatches = batches.map(async ({ id }) => {
    const manifest = await staging.batches.open(id);
    return {
      entry: manifest?.entry,
      rows: await staging.batches.hasRows(id),
      items: (await staging.batches.tombstone(id)) ? [] : await itemsOf(manifest),
      name: await staging.batches.newName(id),
      changes: await staging.batches.changes(id),
      tombstone: await staging.batches.tombstone(id),
    };
  });
  const ofUploads = uploads.map(async ({ id }) => {
    const upload = await staging.uploads.read(id);
    if (upload === null || upload.isFinished) return upload;
    await using bytes = await staging.uploads.open(id);
    return { ...upload, bytes: await readFile(bytes.path, 'utf8') };
  });
  return {
    images: await Promise.all(ofImages),
    batches: await Promise.all(ofBatches),
    uploads: await Promise.all(ofUploads),
    ids: (await Array.fromAsync(staging.ids())).toSorted(),
    deletions: await Array.fromAsync(staging.deletions()),
    batchIds: (await Array.fromAsync(staging.batches.ids())).toSorted(),
    notes: await Promise.all(
      ['id', 'pause', 'webhooks/acme/whk_1.json'].map((name) => staging.notes.read(name)),
    ),
  };
}

async function contentOf(staging: Staging, id: string) {
  const variant = await staging.outputs.openVariant(id, 'main');
  await using file = variant?.file;
  return (await file?.readFile())?.toString() ?? null;
}

async function itemsOf(manifest: Awaited<ReturnType<Staging['batches']['open']>>) {
  if (manifest === null) return null;
  const items = await Array.fromAsync(manifest.itemsWithCells(0));
  const origins = await Promise.all(items.map(({ place }) => manifest.origin(place)));
  const archive = await manifest.archive();
  return { items, origins, archive: archive === null ? null : await readFile(archive, 'hex') };
}

it('moves everything to a bucket, and from the bucket to another folder', async () => {
  const staged = await stageAll(folder);
  const before = await lookAt(folder, staged);
  expect(before.images[0]).toMatchObject({ isWhole: true, variant: 'abc', review: { decision: 'hold' } });
  expect(before.batches[0]?.items).toMatchObject({ origins: [{ headers: { cookie: 'a=1' } }, {}, {}] });
  expect(await move('bucket')).toMatchObject({ present: 0 });
  expect(await lookAt(await inBucket(), staged)).toEqual(before);
  const other = temporaryFolder();
  await move('folder', other);
  expect(await lookAt(await openStaging(other), staged)).toEqual(before);
  expect(await lookAt(folder, staged)).toEqual(before);
});

it('lets a later outcome and a later change replace what was moved', async () => {
  const { images, batches, uploads } = await stageAll(folder);
  await move('bucket');
  const staging = await inBucket();
  const [, failed, , deleted] = images as ImageRecord[];
  if (failed === undefined || deleted === undefined) throw new TypeError('no images');
  expect(await staging.resubmit({ ...failed, run: 2 })).toBe(true);
  expect(await staging.isSourceWhole(failed)).toBe(true);
  await staging.writeOutcome(changedRecord(failed, { status: 'published', version: 8, run: 2 }));
  expect((await staging.entry(failed.id))?.record.status).toBe('published');
  await staging.writeOutcome(changedRecord(deleted, { status: 'failed', version: 2 ** 34 - 1 }));
  expect((await staging.entry(deleted.id))?.record.status).toBe('deleted');
  await staging.batches.noteName(batches[0]?.id ?? '', 'summer');
  expect(await staging.batches.newName(batches[0]?.id ?? '')).toBe('summer');
  const id = uploads[0]?.id ?? '';
  await using writer = await staging.uploads.write(id, 10, false);
  await writer.write(BYTES);
  expect(await writer.end()).toBe(13);
});

it('moves images that a bucket has accepted, also after a retry', async () => {
  const staging = await inBucket();
  const staged = await stageAll(staging);
  await staging.notes.write('id', 'the id');
  const [running, failed] = staged.images as [ImageRecord, ImageRecord];
  expect(await keys()).not.toContain(keyOf(stagedNames.source(running.id), 1));
  await staging.resubmit({ ...failed, run: 2 });
  await staging.notes.write('removed', AT);
  await staging.notes.remove('removed');
  const before = await lookAt(staging, staged);
  const other = temporaryFolder();
  await move('folder', other);
  const moved = await openStaging(other);
  expect(await lookAt(moved, staged)).toEqual(before);
  expect(await moved.notes.read('removed')).toBe(null);
  await using source = await moved.openSource(failed.id);
  expect(await readFile(source.path)).toEqual(BYTES);
  const present = await keys();
  expect(await move('folder', other)).toMatchObject({ copied: 0, bytes: 0 });
  expect(await keys()).toEqual(present);
});

it('continues a move that was interrupted, in both directions', async () => {
  const staged = await stageAll(folder);
  const before = await lookAt(folder, staged);
  let calls = 0;
  const fails = () => {
    if (++calls > 12) throw new Error('interrupted');
  };
  const failing: ObjectBucket = {
    ...bucket,
    create: (key, body) => (fails(), bucket.create(key, body)),
    read: (key, range) => (fails(), bucket.read(key, range)),
  };
  const other = temporaryFolder();
  for (const [to, dir] of [
    ['bucket', dataDir],
    ['folder', other],
  ] as const) {
    calls = 0;
    await expect(move(to, dir, failing)).rejects.toThrow('interrupted');
    expect(await openStagingMove(to, dir, bucket).target.notes.read('id')).toBe(null);
    const { copied, present } = await move(to, dir);
    expect([copied > 0, present > 0]).toEqual([true, true]);
    const repeated = openStagingMove(to, dir, bucket);
    await repeated.copy();
    expect(repeated.progress).toEqual({ copied: 0, present: copied + present, bytes: 0 });
  }
  expect(await lookAt(await openStaging(other), staged)).toEqual(before);
});

it('continues the bytes of an upload, and replaces what changed since the interruption', async () => {
  const upload = await receive(folder, 'some');
  const batch = await stageBatch(folder);
  const gone = await stage(folder, { externalId: 'hidden' });
  const failed = await stage(folder);
  await folder.writeOutcome(changedRecord(failed, { status: 'failed', version: 9 }));
  await openStagingMove('bucket', dataDir, bucket).copy();
  {
    await using writer = await folder.uploads.write(upload.id, 4, false);
    await writer.write(Buffer.from(' bytes'));
    await writer.end();
  }
  await (await folder.batches.open(batch.id))?.erase(2, async () => true);
  await folder.forget(gone.id);
  await folder.notes.write('pause', AT);
  await folder.writeOutcome(changedRecord(failed, { status: 'published', version: 8 }));
  const positions: number[] = [];
  const append: ObjectBucket['append'] = async (key, position, bytes) => {
    positions.push(position);
    return bucket.append(key, position, bytes);
  };
  await move('bucket', dataDir, { ...bucket, append });
  expect(positions).toEqual([4]);
  const staging = await inBucket();
  await using bytes = await staging.uploads.open(upload.id);
  expect(await readFile(bytes.path, 'utf8')).toBe('some bytes');
  expect(await staging.notes.read('pause')).toBe(AT);
  expect((await staging.entry(failed.id))?.record.status).toBe('published');
  const texts = await Promise.all((await keys()).map(async (key) => oss.bucket.read(key)));
  expect(Buffer.concat(texts.filter((text) => text !== null)).toString()).not.toContain('hidden');
});

it('leaves behind unfinished files, counts, and what is received', async () => {
  const { root } = stagingLayout(dataDir);
  const upload = await receive(folder, 'some bytes');
  const data = uploadFiles(stagedNames.upload(upload.id));
  const { id } = await stage(folder);
  const [partBatch, partUpload] = [testBatch().id, testUpload().id];
  const partial = [
    batchFiles(stagedNames.batch(partBatch)).items,
    uploadFiles(stagedNames.upload(partUpload)).data,
    `${stagedNames.source(id)}.token`,
    `${stagedNames.outcome(id)}.1.x.tmp`,
    `${stagedNames.upload(upload.id)}.aside/data`,
    `${stagedNames.upload(upload.id)}.aside/upload.json`,
    'pause.1.x.tmp',
    'lost+found/1',
    'incoming/img_1/source',
    'clock',
    'counted-work.json',
  ];
  for (const name of [...partial, data.unchecked]) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), '4');
  }
  await move('bucket');
  const expected = [data.data, data.entry, stagedNames.submission(id), stagedNames.source(id), 'id'];
  expect(await keys()).toEqual(expected.map((name) => keyOf(name, 1)).toSorted());
  expect((await (await inBucket()).uploads.read(upload.id))?.offset).toBe(4);
});

it('replaces the copies on the private disk of a host, and removes those that the bucket does not have', async () => {
  const disk = temporaryFolder();
  const host = await inBucket(disk);
  await host.notes.write('id', 'the id');
  const batch = await stageBatch(host);
  await host.batches.open(batch.id);
  const other = await inBucket();
  await (await other.batches.open(batch.id))?.erase(2, async () => true);
  const gone = await stage(host);
  await host.isSourceWhole(gone);
  await other.forget(gone.id);
  const { root, items, live } = { ...stagingLayout(disk), ...batchFiles(stagedNames.batch(batch.id)) };
  const layout = stagingLayout(disk);
  const [copies = ''] = await readdir(layout.batch(batch.id));
  const copied = join(layout.batch(batch.id), copies, 'items.ndjson');
  expect(await readFile(copied, 'utf8')).toContain('hidden');
  expect(existsSync(join(root, stagedNames.source(gone.id)))).toBe(true);
  await move('folder', disk);
  expect(existsSync(copied)).toBe(false);
  expect(await readFile(join(root, items), 'utf8')).not.toContain('hidden');
  for (const name of await readdir(live)) expect(await readdir(join(live, name))).toEqual([]);
  expect(await Array.fromAsync((await openStaging(disk)).ids())).toEqual([]);
});

it.each(['bytes', 'submission', 'text'] as const)(
  'does not take over an object whose %s arrive damaged',
  async (what) => {
    const host = await inBucket();
    await host.notes.write('id', 'the id');
    const record = what === 'submission' ? await stage(host) : null;
    const batch = what === 'bytes' ? await stageBatch(host) : null;
    if (what === 'text') await host.notes.write('pause', AT);
    const other = temporaryFolder();
    const damaging: ObjectBucket = {
      ...bucket,
      async read(key, range) {
        const bytes = await bucket.read(key, range);
        bytes?.fill('x', bytes.length - 1);
        return bytes;
      },
    };
    await expect(move('folder', other, damaging)).rejects.toThrow('has another MD5 or size');
    const { root } = stagingLayout(other);
    const name =
      record === null ? batchFiles(stagedNames.batch(batch?.id ?? '')).items : shard('live', record.id);
    expect(
      existsSync(join(root, what === 'text' ? 'pause' : record === null ? name : `${name}/source`)),
    ).toBe(false);
    expect(existsSync(join(root, 'id'))).toBe(false);
  },
);
