import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Review } from '@pixdock/contract/review';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NewItem } from '../state/batches/manifest-item.js';
import type { ImageRecord } from '../state/images/image-record.js';
import type { Origin } from '../state/images/origin.js';
import type { Staging } from '../state/staging.js';
import { testBatch, testItem } from './batch.js';
import { rawZip } from './raw-zip.js';
import { changedRecord, testRecord } from './record.js';
import { testUpload } from './upload.js';

const BYTES = Buffer.from('abc');
const sha256 = createHash('sha256').update(BYTES).digest('hex');
const AT = '2026-01-05T08:00:00.000Z';

/** The record of an image whose source is `abc`. */
function abcRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const record = testRecord();
  return { ...record, ...changes, source: { ...record.source, bytes: BYTES.length, sha256 } } as ImageRecord;
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

/**
 * Tests what every implementation of `Staging` does.
 * @param open opens a new one for one test
 */
export function describeStaging(name: string, open: () => Promise<Staging>): void {
  describe(`staging in ${name}`, () => testStaging(open));
}

function testStaging(open: () => Promise<Staging>): void {
  let staging: Staging;
  beforeEach(async () => {
    staging = await open();
  });

  const entryOf = (record: ImageRecord) => ({
    record,
    origin: null,
    idempotency: { keyHash: 'k', fingerprint: 'f' },
  });

  /** Receives the bytes of an image; the caller commits them. */
  async function receive({ id }: ImageRecord) {
    const arrival = await staging.openArrival(id);
    arrival.stream.end(BYTES);
    await once(arrival.stream, 'close');
    return arrival;
  }

  async function stage(record: ImageRecord): Promise<void> {
    const arrival = await receive(record);
    await arrival.commit(entryOf(record));
    arrival.keep();
  }

  const isEmpty = async () =>
    (await all(staging.ids())).length + (await all(staging.arrivals())).length === 0;

  describe('images', () => {
    it('commits an image as a whole', async () => {
      const record = abcRecord();
      const arrival = await receive(record);
      expect([await staging.entry(record.id), await all(staging.ids())]).toEqual([null, []]);
      await arrival.commit(entryOf(record));
      expect(await staging.entry(record.id)).toEqual(entryOf(record));
      expect(await staging.isSourceWhole(record)).toBe(true);
      expect(await all(staging.ids())).toEqual([record.id]);
      expect(await all(staging.arrivals())).toEqual([]);
    });

    it('discards an arrival completely, before and after its commit', async () => {
      const record = abcRecord();
      const before = await staging.openArrival(record.id);
      before.stream.write('ab');
      await before[Symbol.asyncDispose]();
      const after = await receive(record);
      await after.commit(entryOf(record));
      await after[Symbol.asyncDispose]();
      expect(await isEmpty()).toBe(true);
    });

    it('commits nothing of an arrival that was removed as abandoned', async () => {
      const record = abcRecord();
      const arrival = await receive(record);
      for (const abandoned of await all(staging.arrivals())) {
        expect(await abandoned.isIdle(60_000)).toBe(false);
        expect([await abandoned.remove(), await abandoned.remove()]).toEqual([true, false]);
      }
      await expect(arrival.commit(entryOf(record))).rejects.toThrow();
      expect(await isEmpty()).toBe(true);
    });

    it('keeps two arrivals with one id apart, and gives the id to the first commit', async () => {
      const record = abcRecord();
      const repeat = await staging.openArrival(record.id);
      repeat.stream.write('a');
      await stage(record);
      repeat.stream.end('bc');
      await once(repeat.stream, 'close');
      await expect(repeat.commit(entryOf(record))).rejects.toThrow();
      await repeat[Symbol.asyncDispose]();
      expect(await staging.isSourceWhole(record)).toBe(true);
      expect(await all(staging.arrivals())).toEqual([]);
    });

    it('removes the arrival of a dead server at the repeat of its request', async () => {
      const record = abcRecord();
      await staging.openArrival(record.id);
      await stage(record);
      expect(await staging.isSourceWhole(record)).toBe(true);
      expect(await all(staging.arrivals())).toEqual([]);
    });

    it('accepts an image whose source a worker fetches, and removes only what a refused request wrote', async () => {
      const record = testRecord();
      const origin = { kind: 'url', url: 'https://a.example/1.jpg', headers: {} } as const;
      const entry = { ...entryOf(record), origin };
      const accepted = staging.openUnfetchedArrival(record.id);
      await accepted.commit(entry);
      accepted.keep();
      await accepted[Symbol.asyncDispose]();
      await staging.openUnfetchedArrival(record.id)[Symbol.asyncDispose]();
      expect(await staging.entry(record.id)).toEqual(entry);
      expect(await staging.origin(record)).toEqual(origin);
      const repeat = staging.openUnfetchedArrival(record.id);
      await expect(repeat.commit(entry)).rejects.toThrow('another request');
      await repeat[Symbol.asyncDispose]();
      expect(await staging.entry(record.id)).toEqual(entry);
      const other = testRecord();
      const refused = staging.openUnfetchedArrival(other.id);
      await refused.commit({ ...entry, record: other });
      await refused[Symbol.asyncDispose]();
      expect(await all(staging.ids())).toEqual([record.id]);
    });

    it('removes everything but the outcome of a published image', async () => {
      const record = abcRecord();
      await stage(record);
      await staging.writeOutcome(changedRecord(record, { status: 'published' }));
      expect(await staging.isSourceWhole(record)).toBe(false);
      const outcomes = await all(staging.outcomes());
      expect([await all(staging.live()), outcomes.map(({ id }) => id)]).toEqual([[], [record.id]]);
      expect((await outcomes[0]?.entry())?.record.status).toBe('published');
      expect(Date.now() - ((await outcomes[0]?.writtenAt()) ?? 0)).toBeLessThan(60_000);
      expect(await staging.entry(record.id)).toMatchObject({
        record: { status: 'published' },
        idempotency: { keyHash: 'k' },
      });
      await staging.forget(record.id);
      expect(await isEmpty()).toBe(true);
    });

    it('keeps the source of a failed image, and a retry replaces the outcome', async () => {
      const record = abcRecord();
      await stage(record);
      await staging.writeOutcome(changedRecord(record, { status: 'failed' }));
      expect(await staging.hasSource(record)).toBe(true);
      expect((await staging.entry(record.id))?.record.status).toBe('failed');
      expect(await staging.resubmit({ ...record, run: 2 })).toBe(true);
      expect((await staging.entry(record.id))?.record).toMatchObject({ status: 'queued', run: 2 });
      expect(await all(staging.ids())).toEqual([record.id]);
      await staging.dropFiles(record.id);
      expect(await staging.hasSource(record)).toBe(false);
    });

    it('does not retry an image whose files a deletion has removed', async () => {
      const record = abcRecord();
      await stage(record);
      const deleted = changedRecord(record, { status: 'deleted', deleteRequestedAt: record.createdAt });
      await staging.writeOutcome(deleted);
      expect(await staging.resubmit({ ...record, run: 2 })).toBe(false);
      expect(await staging.resubmit({ ...record, batchId: testBatch().id, run: 2 })).toBe(true);
      expect((await staging.entry(record.id))?.record.status).toBe('deleted');
    });

    it('keeps a deletion request until it is done', async () => {
      const record = testRecord();
      await stage(record);
      await staging.requestDelete(record.id);
      expect((await staging.entry(record.id))?.record.deleteRequestedAt).not.toBeNull();
      expect(await all(staging.deletions())).toEqual([record.id]);
      await staging.writeOutcome(
        changedRecord(record, { status: 'deleted', deleteRequestedAt: record.createdAt }),
      );
      expect(await all(staging.deletions())).toEqual([]);
      expect(await all(staging.ids())).toEqual([record.id]);
    });

    it('lists nothing of an image that is forgotten', async () => {
      const record = abcRecord();
      await stage(record);
      await staging.writeOutcome(changedRecord(record, { status: 'failed' }));
      await staging.writeOutcome(changedRecord(record, { status: 'deleted', version: record.version + 3 }));
      expect((await staging.entry(record.id))?.record.status).toBe('deleted');
      await staging.forget(record.id);
      expect(await isEmpty()).toBe(true);
    });

    it('takes away the deletion time of an image that is kept', async () => {
      const record = abcRecord({ deleteAt: AT });
      await stage(record);
      expect((await staging.entry(record.id))?.record.deleteAt).toBe(AT);
      await staging.keep(record.id);
      expect((await staging.entry(record.id))?.record.deleteAt).toBe(null);
      await staging.forget(record.id);
      expect(await staging.has(record.id, 'kept')).toBe(false);
    });

    it('says what it has of an image, since when, and how much it takes', async () => {
      const record = abcRecord();
      const { id } = record;
      expect([await staging.has(id, 'image'), await staging.writtenAt(id, 'image')]).toEqual([false, null]);
      await stage(record);
      expect([await staging.has(id, 'submission'), await staging.has(id, 'outcome')]).toEqual([true, false]);
      expect(Math.abs(Date.now() - ((await staging.writtenAt(id, 'image')) ?? 0))).toBeLessThan(60_000);
      expect(await staging.isIdle(id, 60_000)).toBe(false);
      expect(await staging.bytesOf(id)).toBeGreaterThan(BYTES.length);
      const { byOwner } = await staging.openUsageCounter().all(new Map());
      expect([...byOwner.keys()]).toEqual([record.owner]);
      expect((await staging.bytesByUse()).images).toBe(byOwner.get(record.owner));
    });
  });

  describe('sources', () => {
    const bring = (record: ImageRecord, from: Parameters<Staging['openSourceArrival']>[1]) =>
      staging.openSourceArrival(record, from, 100);
    const read = async ({ id }: ImageRecord) => {
      await using file = await staging.openSource(id);
      return await readFile(file.path);
    };

    it('has a fetched source once it is committed, and nothing of one that is not', async () => {
      const record = abcRecord();
      const url = { kind: 'url', url: 'https://a.example/1.jpg', headers: {} } as const;
      for (const isCommitted of [false, true]) {
        await using arrival = await bring(record, url);
        arrival.stream?.end(BYTES);
        await once(arrival.stream as NonNullable<typeof arrival.stream>, 'close');
        expect(await staging.isSourceWhole(record)).toBe(false);
        if (isCommitted) await arrival.commit();
      }
      expect(await staging.isSourceWhole(record)).toBe(true);
      expect(await read(record)).toEqual(BYTES);
    });

    it('brings a file of a batch, an entry of its archive, and a source that an earlier item shares', async () => {
      const made = rawZip([{ name: 'a.jpg', content: BYTES }]);
      const entry = testBatch({ total: 3 });
      const file: Origin = { kind: 'file', name: '0', received: { bytes: BYTES.length, sha256 } };
      const manifest = await stageBatch(
        [testItem(1, { origin: file }), testItem(2), testItem(3)],
        entry,
        async (arrival) => {
          await writeFile(arrival.archive, made.archive);
          const upload = await arrival.file('0');
          upload.end(BYTES);
          await once(upload, 'close');
        },
      );
      const items = [0, 1, 2].map((place) => abcRecord({ id: manifest.id(place), batchId: entry.id }));
      const [first, second, third] = items as [ImageRecord, ImageRecord, ImageRecord];
      const copied = async (record: ImageRecord, from: Parameters<typeof bring>[1]) => {
        await using arrival = await bring(record, from);
        const bytes = await buffer(arrival.chunks());
        arrival.stream?.end(bytes);
        if (arrival.stream) await once(arrival.stream, 'close');
        await arrival.commit();
        return bytes;
      };
      expect(await copied(first, file)).toEqual(BYTES);
      expect(await manifest.hasShared(0)).toBe(false);
      await manifest.share(0);
      expect(await manifest.hasShared(0)).toBe(true);
      expect(await copied(second, { kind: 'shared', place: 0 })).toEqual(BYTES);
      const [origin] = made.origins;
      if (origin === undefined) throw new Error('no entry');
      expect(await copied(third, origin)).toEqual(BYTES);
      for (const record of items) expect(await read(record)).toEqual(BYTES);
      await manifest.dropShared(0);
      expect(await manifest.hasShared(0)).toBe(false);
      await expect(copied(second, { ...file, received: { bytes: 1, sha256 } })).rejects.toThrow(
        'source_lost',
      );
    });
  });

  describe('outputs', () => {
    it('opens the variants of a complete output, and discards earlier ones', async () => {
      const { id } = testRecord();
      const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
      const { outputs } = staging;
      const save = async (attempt: string) => {
        const main = { file: 'main.webp', format: 'webp', bytes: BYTES.length };
        const manifest = JSON.stringify({ folder: attempt, rendered: { variants: { main } } });
        await outputs.save(id, attempt, [['main.webp', BYTES]], manifest);
      };
      await save(first);
      await save(second);
      expect(await outputs.open(id, first, 'main.webp')).toBe(null);
      expect(JSON.parse((await outputs.manifest(id)) ?? '')).toMatchObject({ folder: second });
      const variant = await outputs.openVariant(id, 'main');
      expect(variant).toMatchObject({ mediaType: 'image/webp', bytes: BYTES.length });
      await using file = variant?.file;
      expect(await file?.readFile()).toEqual(BYTES);
      expect(await outputs.openVariant(id, 'thumb')).toBe(null);
      // As a loss of power may leave it.
      await outputs.save(id, second, [], '\0\0');
      expect(await outputs.openVariant(id, 'main')).toBe(null);
      await outputs.discard(id);
      expect([await outputs.manifest(id), await staging.has(id, 'output')]).toEqual([null, false]);
    });
  });

  async function stageBatch(
    items: readonly NewItem[],
    entry = testBatch(),
    fill: (arrival: Awaited<ReturnType<Staging['batches']['openArrival']>>) => Promise<void> = async () => {},
  ) {
    const arrival = await staging.batches.openArrival(entry.id);
    for (const item of items) await arrival.add(item);
    await fill(arrival);
    await arrival.commit({ ...entry, total: arrival.total() });
    arrival.keep();
    const manifest = await staging.batches.open(entry.id);
    if (manifest === null) throw new Error('no batch');
    return manifest;
  }

  describe('batches', () => {
    it('finds the items of a batch until it is forgotten', async () => {
      const manifest = await stageBatch([testItem(1), testItem(2)]);
      const { id } = manifest.entry;
      expect(await all(staging.batches.ids())).toEqual([id]);
      const found = await staging.entry(manifest.id(1));
      expect(found?.record).toMatchObject({ batchId: id, row: 2 });
      expect(await staging.batches.originOf(id, manifest.id(0))).toMatchObject({ kind: 'url' });
      await staging.batches.forget(id);
      expect([await staging.batches.open(id), await all(staging.batches.ids())]).toEqual([null, []]);
      await expect(staging.batches.noteName(id, 'spring')).rejects.toThrow('gone');
    });

    it('keeps requested changes and a name, and replaces a deleted batch by its tombstone', async () => {
      const { entry } = await stageBatch([testItem(1)]);
      const { batches } = staging;
      await batches.noteChange(entry.id, 'canceled');
      await batches.noteChange(entry.id, 'deleted');
      await batches.dropChange(entry.id, 'canceled');
      await batches.noteName(entry.id, 'spring');
      expect([await batches.changes(entry.id), await batches.newName(entry.id)]).toEqual([
        ['deleted'],
        'spring',
      ]);
      const tombstone = { cancelRequestedAt: null, deleteRequestedAt: AT, finishedAt: AT, expiresAt: AT };
      await batches.addTombstone(entry, tombstone);
      await batches.dropRows(entry.id);
      expect([await batches.tombstone(entry.id), await batches.hasRows(entry.id)]).toEqual([
        tombstone,
        false,
      ]);
      expect((await batches.open(entry.id))?.entry.id).toBe(entry.id);
    });

    it('frees what only fetching needs', async () => {
      const headers = { cookie: 'a=1' };
      const origin = { kind: 'url', url: 'https://a.example/1.jpg', headers } as const;
      const manifest = await stageBatch([testItem(1, { origin })]);
      const { id } = manifest.entry;
      expect(await staging.batches.bytesOfMaterials(id)).toBeGreaterThan(0);
      expect(await staging.batches.originOf(id, manifest.id(0))).toEqual(origin);
      await staging.batches.dropMaterials(id);
      expect([await staging.batches.hasMaterials(id), await manifest.archive()]).toEqual([false, null]);
      expect(await staging.batches.hasSource(id, manifest.id(0))).toBe(false);
    });
  });

  describe('uploads', () => {
    async function append(id: string, offset: number, text: string, isChecked = false) {
      await using writer = await staging.uploads.write(id, offset, isChecked);
      await writer.write(Buffer.from(text));
      return await writer.end();
    }

    it('appends at the offset of each request, and becomes one image', async () => {
      const record = abcRecord();
      const entry = testUpload({ length: 3, resourceId: record.id });
      const { uploads } = staging;
      await uploads.create(entry);
      expect(await append(entry.id, 0, 'a')).toBe(1);
      expect(await append(entry.id, 1, 'bc', true)).toBe(3);
      expect(await uploads.read(entry.id)).toEqual({ isFinished: false, entry, offset: 3 });
      await using arrival = await staging.openUploadedArrival(record.id, entry.id);
      await arrival.commit(entryOf(record));
      arrival.keep();
      await uploads.finish(entry, record.id);
      expect(await uploads.read(entry.id)).toMatchObject({
        isFinished: true,
        entry: { resourceId: record.id },
      });
      expect(await staging.isSourceWhole(record)).toBe(true);
    });

    it('keeps the bytes of an interrupted request, unless they have a checksum', async () => {
      const entry = testUpload();
      await staging.uploads.create(entry);
      for (const isChecked of [false, true]) {
        await using writer = await staging.uploads.write(entry.id, isChecked ? 3 : 0, isChecked);
        await writer.write(BYTES);
      }
      expect((await staging.uploads.read(entry.id))?.offset).toBe(3);
    });

    it('lists uploads with the time at which they expire, until they are removed', async () => {
      const entry = testUpload();
      await staging.uploads.create(entry);
      const [found, ...others] = await all(staging.uploads.leftovers());
      expect([await found?.expiresAt(), others]).toEqual([entry.expiresAt, []]);
      expect(await found?.remove()).toBe(true);
      expect(await staging.uploads.read(entry.id)).toBe(null);
      expect(await staging.uploads.remove(entry.id)).toBe(false);
    });
  });

  describe('notes', () => {
    it('writes, replaces, lists and removes texts', async () => {
      const { notes } = staging;
      expect([await notes.read('a/1'), await all(notes.list('a'))]).toEqual([null, []]);
      for (const [name, text] of [
        ['a/1', 'x'],
        ['a/1', 'y'],
        ['a/b/2', ''],
        ['c/3', 'z'],
      ] as const)
        await notes.write(name, text);
      expect([await notes.read('a/1'), await notes.read('a/b/2')]).toEqual(['y', '']);
      expect((await all(notes.list('a'))).toSorted()).toEqual(['a/1', 'a/b/2']);
      await notes.remove('a/1');
      await notes.remove('a/1');
      expect(await all(notes.list('a'))).toEqual(['a/b/2']);
      await notes.removeAll('a');
      await notes.removeAll('a');
      expect([await all(notes.list('a')), await notes.read('c/3')]).toEqual([[], 'z']);
    });

    it('lets the first of several writers create a note', async () => {
      const names = Array.from({ length: 20 }, (_unused, i) => String(i));
      const created = await Promise.all(names.map((text) => staging.notes.create('e/1', text)));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await staging.notes.read('e/1')).toBe(names[created.indexOf(true)]);
      expect(await all(staging.notes.list('e'))).toEqual(['e/1']);
    });

    it('keeps the first of two decisions that are made at the same time', async () => {
      const record = testRecord();
      const { id } = record;
      const { reviews } = staging;
      const held: Review = { decision: 'hold', by: 'http', reasons: [], at: AT, heldAt: AT };
      await reviews.hold(record, 'a', held);
      expect(await reviews.find(id, 'a')).toEqual(held);
      const [one, other] = await Promise.all([
        reviews.decide(id, 'a', { ...held, decision: 'approve' }),
        reviews.decide(id, 'a', { ...held, decision: 'reject' }),
      ]);
      expect(one).toEqual(other);
      expect(await reviews.find(id, 'a')).toEqual(one);
      expect(await reviews.decide(id, 'a', { ...held, decision: 'reject' })).toEqual(one);
      expect(await reviews.find(id, 'b')).toBe(null);
    });
  });
}
