import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { detailOf, locate } from '@pixdock/contract/messages/detail';
import { byStatus, FINAL_STATUSES } from '@pixdock/contract/status';
import { afterEach, beforeEach, expect, it, onTestFinished, test, vi } from 'vitest';
import { testBatch, testItem } from '../../testing/batch.js';
import { rawZip } from '../../testing/raw-zip.js';
import { changedRecord } from '../../testing/record.js';
import { openTestStaging, type TestStaging } from '../../testing/staging.js';
import type { BatchEntry } from '../batches/batch-entry.js';
import type { ManifestItem, NewItem } from '../batches/manifest-item.js';
import { newItemRecord } from '../batches/new-item-record.js';
import { removeArrival } from '../folder-staging/walk.js';
import { storedError } from '../images/stored-error.js';
import { markDeleted, requestDelete } from '../images/transitions.js';
import { MAX_HEADER_SETS } from '../manifest/header-sets.js';
import type { Manifest } from '../manifest/manifest.js';
import { readZipEntry } from '../manifest/read-zip-entry.js';
import { batchFiles } from '../staged/staged-names.js';

let folder: string;
let staging: TestStaging;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-batches-'));
  staging = await openTestStaging(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function stage(items: readonly NewItem[], entry: BatchEntry = testBatch()): Promise<Manifest> {
  const arrival = await staging.batches.openArrival(entry.id);
  for (const item of items) await arrival.add(item);
  await arrival.commit({ ...entry, total: arrival.total() });
  const manifest = await staging.batches.open(entry.id);
  if (manifest === null) throw new Error('not there');
  return manifest;
}

/** The item that `manifest.item` returns for an item that was added: without headers and cells. */
function read(added: NewItem & ManifestItem): ManifestItem {
  const { cells: _, ...fields } = added;
  const { origin } = added;
  return { ...fields, origin: origin?.kind === 'url' ? { kind: 'url', url: origin.url } : origin };
}

test('reads the added items, one by one and in order', async () => {
  const items = Array.from({ length: 600 }, (_, i) => testItem(i + 1, { cells: [`图 ${i}\n"x"`, 'é'] }));
  const manifest = await stage(items);
  const found = [];
  for await (const { place, item } of manifest.items(0)) found.push([place, item]);
  expect(found).toEqual(items.map((item, place) => [place, read(item)]));
  const withCells = [];
  for await (const { item, cells } of manifest.itemsWithCells(0)) withCells.push({ item, cells });
  expect(withCells).toEqual(items.map((item) => ({ item: read(item), cells: item.cells })));
  for (const place of [0, 255, 256, 599])
    expect([await manifest.item(place)]).toEqual(items.slice(place, place + 1).map(read));
  const some = [];
  for await (const { place } of manifest.items(250, 260)) some.push(place);
  expect(some).toEqual([250, 251, 252, 253, 254, 255, 256, 257, 258, 259]);
});

test('reads few items at a time if they are large', async () => {
  const items = Array.from({ length: 100 }, (_, i) => testItem(i + 1, { cells: ['x'.repeat(60_000)] }));
  const manifest = await stage(items);
  const alloc = vi.spyOn(Buffer, 'alloc');
  onTestFinished(() => alloc.mockRestore());
  const places = [];
  for await (const { place } of manifest.itemsWithCells(0)) places.push(place);
  expect(places).toEqual(items.map((_, i) => i));
  expect(Math.max(...alloc.mock.calls.map(([size]) => size))).toBeLessThan(1.1 * 1024 ** 2);
});

test('shares cells and fields among the items of a row, wherever reading begins', async () => {
  const cells = ['x'.repeat(60_000)];
  const metadata = { note: 'y'.repeat(3000) };
  const fault = storedError('invalid_row');
  const items = Array.from({ length: 600 }, (_, i) => {
    const row = Math.floor(i / 200) + 1;
    const position = (i % 100) + 1;
    return i % 3 === 1
      ? testItem(row, { position, cells, origin: null, fault })
      : testItem(row, { position, cells, metadata, externalId: 'sku' });
  });
  const manifest = await stage(items);
  // A row of more than a hundred items, which no format accepts, is stored as several.
  const { size } = await stat(batchFiles(staging.layout.batch(manifest.entry.id)).cells);
  expect(size).toBe(6 * (60_000 + '[""]\n'.length));
  expect((await stat(batchFiles(staging.layout.batch(manifest.entry.id)).items)).size).toBeLessThan(100_000);
  for (const place of [0, 1, 63, 64, 65, 199, 200, 399, 599])
    expect([await manifest.item(place)]).toEqual(items.slice(place, place + 1).map(read));
  for (const from of [0, 1, 150, 250, 599]) {
    const found = [];
    for await (const { item, cells: own } of manifest.itemsWithCells(from)) found.push({ item, own });
    expect(found.map(({ item }) => item)).toEqual(items.slice(from).map(read));
    expect(found.every(({ own }) => own[0] === cells[0])).toBe(true);
  }
});

it('stores the error of invalid rows once, without the row and the value', async () => {
  const faultOf = (row: number) =>
    storedError(
      'invalid_row',
      locate(detailOf('not-an-absolute-url', { value: `${row}.jpg` }), { row, field: 'url' }),
    );
  const items = Array.from({ length: 200 }, (_, i) =>
    testItem(i + 1, { fault: faultOf(i + 1), origin: null }),
  );
  const manifest = await stage(items);
  for (const place of [0, 9, 199]) expect((await manifest.item(place)).fault).toEqual(faultOf(place + 1));
  const { tables } = JSON.parse(
    await readFile(batchFiles(staging.layout.batch(manifest.entry.id)).entry, 'utf8'),
  );
  expect(tables.faults).toEqual([
    { code: 'invalid_row', reason: 'not-an-absolute-url', params: { field: 'url' } },
  ]);
});

test('finds invalid items from any place on', async () => {
  const fault = storedError('invalid_row');
  const isInvalid = (place: number) => place % 7 === 3;
  const manifest = await stage(
    Array.from({ length: 50 }, (_, i) => testItem(5, isInvalid(i) ? { fault, origin: null } : {})),
  );
  expect(manifest.entry.invalid).toBe(7);
  expect(await manifest.invalidPlaces(0, 100)).toEqual([3, 10, 17, 24, 31, 38, 45]);
  expect(await manifest.invalidPlaces(10, 2)).toEqual([10, 17]);
  expect(await manifest.invalidPlaces(46, 100)).toEqual([]);
  expect((await manifest.item(3)).fault).toEqual(fault);
});

test('reads an index again after a temporary failure', async () => {
  const manifest = await stage([testItem(1), testItem(1)]);
  const { index } = batchFiles(staging.layout.batch(manifest.entry.id));
  await rename(index, `${index}.away`);
  await expect(manifest.leaderOf(1)).rejects.toThrow('ENOENT');
  await rename(`${index}.away`, index);
  expect(await manifest.leaderOf(1)).toBe(0);
});

test('reports the bytes of a batch that is being received', async () => {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  const headers = { Referer: 'https://a.example/' };
  for (const row of [1, 2])
    await arrival.add(testItem(row, { origin: { kind: 'url', url: 'https://a.example/图', headers } }));
  const bytes = arrival.bytes();
  await arrival.commit({ ...entry, total: 2 });
  const files = batchFiles(staging.layout.batch(entry.id));
  const sizes = await Promise.all(
    [files.items, files.cells, files.index, files.headers].map(async (file) => (await stat(file)).size),
  );
  // The estimate omits one bracket of headers.json and counts one profile of the tables.
  const profile = '"default",'.length;
  expect(bytes).toBe(sizes.reduce((sum, size) => sum + size) - 1 + profile);
});

test('commits nothing of a batch that was removed as abandoned', async () => {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  await arrival.add(testItem(1));
  expect(await removeArrival(staging.layout.arriving(entry.id))).toBe(true);
  await expect(arrival.commit({ ...entry, total: 1 })).rejects.toThrow('ENOENT');
  expect(await staging.batches.open(entry.id)).toBeNull();
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});

test('gives an id to the first commit of two batches', async () => {
  const entry = testBatch();
  const slow = await staging.batches.openArrival(entry.id);
  await slow.add(testItem(1));
  const repeat = await staging.batches.openArrival(entry.id);
  await slow.commit({ ...entry, total: 1 });
  await repeat.add(testItem(2));
  await expect(repeat.commit({ ...entry, total: 1 })).rejects.toThrow('ENOTEMPTY');
  await repeat[Symbol.asyncDispose]();
  expect(await (await staging.batches.open(entry.id))?.item(0)).toEqual(read(testItem(1)));
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});

test('finds the entry of an item by its id alone', async () => {
  const manifest = await stage([testItem(1), testItem(2, { externalId: 'b', profile: 'avatar' })]);
  const id = manifest.id(1);
  const entry = await staging.entry(id);
  expect(entry?.record).toMatchObject({
    id,
    batchId: manifest.entry.id,
    row: 2,
    externalId: 'b',
    profile: 'avatar',
    status: 'queued',
    source: { kind: 'url', bytes: null },
  });
  expect(await staging.ownEntry(id)).toBeNull();
  const record = changedRecord(entry!.record, { status: 'failed' });
  await staging.writeOutcome(record);
  expect((await staging.ownEntry(id))?.record.status).toBe('failed');
  expect(
    await staging.entry(manifest.id(0).replace(/^img_./, (start) => (start === 'img_0' ? 'img_1' : 'img_0'))),
  ).toBeNull();
});

test('stores request headers in a separate file, and removes them with the materials', async () => {
  const url = (n: number) => `https://pictures.example/${n}`;
  const secret = { authorization: 'Bearer of-the-source' };
  const manifest = await stage([
    testItem(1, { origin: { kind: 'url', url: url(1), headers: secret } }),
    testItem(2),
    testItem(3, { origin: { kind: 'url', url: url(3), headers: secret } }),
  ]);
  const origin = (place: number) => manifest.origin(place);
  expect(await origin(0)).toEqual({ kind: 'url', url: url(1), headers: secret });
  expect(await origin(1)).toMatchObject({ headers: {} });
  expect(await origin(2)).toEqual({ kind: 'url', url: url(3), headers: secret });
  const files = batchFiles(staging.layout.batch(manifest.entry.id));
  expect(await readFile(files.items, 'utf8')).not.toContain('of-the-source');
  expect(JSON.parse(await readFile(files.headers, 'utf8'))).toEqual([secret]);
  const { id } = manifest.entry;
  expect(await staging.batches.hasSource(id, manifest.id(0))).toBe(true);
  await staging.batches.dropMaterials(id);
  expect((await staging.entry(manifest.id(0)))?.record.status).toBe('queued');
  // Without its headers an item must not be fetched, even if another process has them in memory.
  expect(await staging.batches.originOf(id, manifest.id(0))).toBeNull();
  expect(await staging.batches.hasSource(id, manifest.id(0))).toBe(false);
  const record = (place: number) => staging.entry(manifest.id(place)).then((entry) => entry!.record);
  expect(await staging.hasSource(await record(0))).toBe(false);
  expect(await staging.hasSource(await record(1))).toBe(true);
  const left = (await staging.batches.open(id))!;
  expect((await left.item(0)).origin).toMatchObject({ kind: 'url', url: url(1) });
});

test('limits the distinct headers of a batch', async () => {
  const arrival = await staging.batches.openArrival(testBatch().id);
  const headers = (n: number) => ({ referer: `https://page.example/${n}` });
  for (let n = 0; n < MAX_HEADER_SETS; n++) {
    expect(arrival.takesHeaders(headers(n))).toBe(true);
    const origin = { kind: 'url' as const, url: 'https://pictures.example/a', headers: headers(n) };
    await arrival.add(testItem(n + 1, { origin }));
  }
  expect(arrival.takesHeaders(headers(MAX_HEADER_SETS))).toBe(false);
  expect(arrival.takesHeaders(headers(0))).toBe(true);
  await arrival[Symbol.asyncDispose]();
});

test('groups equal sources under the first of them', async () => {
  const sha256 = 'ab'.repeat(32);
  const at = (url: string, headers = {}) => ({ origin: { kind: 'url' as const, url, headers } });
  const entryAt = (offset: number) => ({
    origin: { kind: 'entry' as const, offset, method: 0, compressedBytes: 5, bytes: 5, crc32: 0 },
  });
  const manifest = await stage([
    testItem(1, at('https://a.example/1')),
    testItem(2, at('https://a.example/2')),
    testItem(3, at('https://a.example/1')),
    testItem(4, { ...at('https://a.example/4'), sha256 }),
    testItem(5, { ...at('https://a.example/5'), sha256 }),
    testItem(6, at('https://a.example/1', { referer: 'https://b.example/' })),
    testItem(7, { origin: null }),
    testItem(8, { origin: null }),
    testItem(9, at('https://a.example/1')),
    testItem(10, entryAt(7)),
    testItem(11, entryAt(8)),
    testItem(12, entryAt(7)),
    testItem(13, { ...entryAt(7), sha256 }),
  ]);
  const leaders = await Promise.all(Array.from({ length: 13 }, (_, place) => manifest.leaderOf(place)));
  expect(leaders).toEqual([null, null, 0, null, 3, null, null, null, 0, null, null, 9, null]);
  expect([...(await manifest.followersOf(0))]).toEqual([2, 8]);
  expect([...(await manifest.followersOf(3))]).toEqual([4]);
  expect([...(await manifest.followersOf(1))]).toEqual([]);
});

test('discards a batch completely, and receives its repeat', async () => {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  await arrival.add(testItem(1));
  const again = await staging.batches.openArrival(entry.id);
  await arrival[Symbol.asyncDispose]();
  await again[Symbol.asyncDispose]();
  expect(await readdir(staging.layout.incoming)).toEqual([]);
  expect(await staging.batches.open(entry.id)).toBeNull();
});

test('keeps the event of the end of a batch beside its items, and none of a deleted batch', async () => {
  const item = testItem(1, { profile: 'large' });
  const manifest = await stage([item]);
  const { id } = manifest.entry;
  expect(await staging.batches.announcement(id)).toBe(null);
  const counts = { ...byStatus(FINAL_STATUSES, () => 0), published: 1 };
  const announcement = { version: 7, finishedAt: manifest.entry.createdAt, counts };
  await staging.batches.noteAnnouncement(id, announcement);
  const other = (await openTestStaging(folder)).batches;
  expect(await other.announcement(id)).toEqual(announcement);
  expect(await (await other.open(id))?.item(0)).toEqual(read(item));
  await staging.batches.forget(id);
  await staging.batches.noteAnnouncement(id, announcement);
  expect(await staging.batches.announcement(id)).toBe(null);
});

test('finds neither the batch nor its items after it is forgotten', async () => {
  const manifest = await stage([testItem(1)]);
  const { id } = manifest.entry;
  await staging.batches.noteChange(id, 'canceled');
  await staging.batches.noteChange(id, 'retry-all');
  await staging.batches.dropChange(id, 'retry-all');
  expect(await staging.batches.changes(id)).toEqual(['canceled']);
  await staging.batches.forget(id);
  expect(await staging.batches.open(id)).toBeNull();
  expect(await staging.entry(manifest.id(0))).toBeNull();
});

test('finds no batch that another process has forgotten', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { entry } = await stage([testItem(1)]);
  const other = await openTestStaging(folder);
  await other.batches.forget(entry.id);
  vi.advanceTimersByTime(2000);
  expect(await staging.batches.open(entry.id)).toBeNull();
  expect(await staging.batches.open(entry.id)).toBeNull();
});

test('fails instead of reporting a batch as missing when the disk cannot be read', async () => {
  const file = { kind: 'file' as const, name: 'a', received: { bytes: 1, sha256: '' } };
  const manifest = await stage([testItem(1, { origin: file })]);
  const { id } = manifest.entry;
  await manifest.item(0);
  const files = batchFiles(staging.layout.batch(manifest.entry.id));
  await mkdir(files.uploads, { recursive: true });
  for (const path of [files.entry, files.upload('a')]) {
    await rm(path, { force: true });
    await symlink(path, path);
  }
  await expect(staging.batches.open(id, 0)).rejects.toThrow('ELOOP');
  await expect(staging.batches.hasSource(id, manifest.id(0))).rejects.toThrow('ELOOP');
});

const PERSONAL = '13812345678';

/** Whether a file below the folder has the text in its name or content. */
async function isFound(text: string): Promise<boolean> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.includes(text) || (entry.isFile() && (await readFile(path)).includes(text))) return true;
  }
  return false;
}

const personalItem = (row: number, changes: Partial<NewItem & ManifestItem> = {}) =>
  testItem(row, {
    externalId: PERSONAL,
    metadata: { [PERSONAL]: `电话 ${PERSONAL}` },
    filename: `${PERSONAL}.jpg`,
    cells: [`图 ${PERSONAL}`],
    origin: { kind: 'url', url: `https://a.cn/${PERSONAL}.jpg`, headers: {} },
    ...changes,
  });

async function deleteItem(manifest: Manifest, place: number): Promise<void> {
  const record = newItemRecord(manifest.entry, place, await manifest.item(place), 1);
  const deleted = markDeleted(requestDelete(record) ?? record, 1000);
  await staging.requestDelete(record.id);
  if (deleted !== null) await staging.writeOutcome(deleted);
}

test('erases the rows of deleted items, and reads the others as before', async () => {
  const fault = storedError(
    'invalid_row',
    locate(detailOf('not-an-absolute-url', { field: 'url' }), { row: 3, value: PERSONAL }),
  );
  const items = [
    testItem(1),
    personalItem(2),
    personalItem(3, { origin: null, filename: null, fault }),
    testItem(4, { cells: ['é\n"'] }),
    personalItem(5),
  ];
  const manifest = await stage(items);
  const reader = await openTestStaging(folder);
  const other = await reader.batches.open(manifest.entry.id);
  expect(await isFound(PERSONAL)).toBe(true);
  for (const place of [1, 2, 4]) await deleteItem(manifest, place);
  expect(await isFound(PERSONAL)).toBe(false);
  const rows = [];
  for await (const { item, cells } of other?.itemsWithCells(0) ?? []) rows.push({ row: item.row, cells });
  expect(rows).toEqual([
    { row: 1, cells: items[0]?.cells },
    { row: 2, cells: [] },
    { row: 3, cells: [] },
    { row: 4, cells: items[3]?.cells },
    { row: 5, cells: [] },
  ]);
  expect(await other?.item(1)).toMatchObject({ externalId: null, metadata: {}, origin: null, fault: null });
  expect(await other?.item(3)).toEqual(read(items[3] ?? testItem(4)));
  expect((await reader.entry(manifest.id(1)))?.record.status).toBe('deleted');
});

test('erases a row once all its images are deleted, and again what a crash left', async () => {
  const items = [1, 2, 3].map((position) => personalItem(2, { position, filename: null }));
  const manifest = await stage([testItem(1), ...items, testItem(3)]);
  await deleteItem(manifest, 1);
  await deleteItem(manifest, 3);
  expect(await isFound(`${PERSONAL}.jpg`)).toBe(true);
  const { items: path } = batchFiles(staging.layout.batch(manifest.entry.id));
  const before = await readFile(path);
  await deleteItem(manifest, 2);
  const after = await readFile(path);
  expect(after).toHaveLength(before.length);
  expect(await isFound(PERSONAL)).toBe(false);
  const half = before.indexOf('https://');
  await writeFile(path, Buffer.concat([after.subarray(0, half), before.subarray(half)]));
  await deleteItem(manifest, 2);
  expect(await readFile(path)).toEqual(after);
  const again = await openTestStaging(folder);
  const found = [];
  for await (const { item } of (await again.batches.open(manifest.entry.id))?.items(0) ?? [])
    found.push([item.row, item.position]);
  expect(found).toEqual([
    [1, 1],
    [2, 1],
    [2, 2],
    [2, 3],
    [3, 1],
  ]);
});

test('erases the file of a form, and the entry of an archive with its names', async () => {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  await once((await arrival.file('0')).end(PERSONAL), 'close');
  await arrival.add(
    personalItem(1, { origin: { kind: 'file', name: '0', received: { bytes: 1, sha256: '' } } }),
  );
  const names = [`${PERSONAL}/a.jpg`, 'b.jpg'];
  const made = rawZip(names.map((name) => ({ name, content: name, method: 0 })));
  await writeFile(arrival.archive, made.archive);
  for (const [i, origin] of made.origins.entries()) await arrival.add(personalItem(i + 2, { origin }));
  await arrival.commit({ ...entry, total: 3 });
  const manifest = await staging.batches.open(entry.id);
  if (manifest === null) throw new Error('not there');
  await deleteItem(manifest, 0);
  await deleteItem(manifest, 1);
  const { archive: path, uploads } = batchFiles(staging.layout.batch(manifest.entry.id));
  expect(await readdir(uploads)).toEqual([]);
  const rest = await readFile(path);
  expect(rest.includes(PERSONAL)).toBe(false);
  expect(
    rest
      .subarray(made.origins[1]?.offset)
      .toString('latin1')
      .match(/b\.jpg/g),
  ).toHaveLength(2);
  await deleteItem(manifest, 2);
  expect(await isFound(PERSONAL)).toBe(false);
});

const SHEET_TEXT = 'the text of all rows';

/** A workbook with two pictures; its first and its third row show the same one. */
async function stageWorkbook() {
  const entry = testBatch({
    workbook: {
      part: 'xl/worksheets/sheet1.xml',
      styles: null,
      headerRow: 1,
      urlColumns: [],
      reportColumn: null,
    },
  });
  const arrival = await staging.batches.openArrival(entry.id);
  const names = ['sheet.xml', 'other.png', 'strings.xml', 'shared.png', 'last.xml'];
  const made = rawZip(
    names.map((name) => ({ name, content: name.endsWith('.xml') ? SHEET_TEXT : PERSONAL, method: 0 })),
  );
  await writeFile(arrival.archive, made.archive);
  const [, other, , shared] = made.origins;
  if (other === undefined || shared === undefined) throw new Error('not there');
  for (const [i, origin] of [shared, other, shared].entries())
    await arrival.add(testItem(i + 2, { cells: [], origin }));
  await arrival.commit(entry);
  const manifest = await staging.batches.open(entry.id);
  if (manifest === null) throw new Error('not there');
  const { archive } = batchFiles(staging.layout.batch(manifest.entry.id));
  const times = async (text = PERSONAL) => (await readFile(archive, 'latin1')).split(text).length - 1;
  return { manifest, archive, shared, times };
}

test('erases the text of a workbook with its first row, and a picture with the last row that shows it', async () => {
  const { manifest, archive, shared, times } = await stageWorkbook();
  expect(await times(SHEET_TEXT)).toBe(3);
  await deleteItem(manifest, 0);
  expect(await times(SHEET_TEXT)).toBe(0);
  expect(await times()).toBe(2);
  const rest = await buffer(readZipEntry(archive, shared, 1000));
  expect(rest.toString()).toBe(PERSONAL);
  await deleteItem(manifest, 1);
  expect(await times()).toBe(1);
  await deleteItem(manifest, 2);
  expect(await times()).toBe(0);
});

test('erases a picture whose rows are deleted at the same time', async () => {
  // One workbook may be erased in order by chance.
  for (let i = 0; i < 10; i++) {
    const { manifest, times } = await stageWorkbook();
    await Promise.all([deleteItem(manifest, 0), deleteItem(manifest, 2)]);
    expect(await times()).toBe(1);
  }
});

test('leaves the rows of a batch whose deletion is requested, since they go together', async () => {
  const manifest = await stage([personalItem(1)]);
  await staging.batches.noteChange(manifest.entry.id, 'deleted');
  await deleteItem(manifest, 0);
  expect(await isFound(PERSONAL)).toBe(true);
});

test('stores no name for a batch that is deleted at the same time', async () => {
  const { entry } = await stage([testItem(1)]);
  const now = new Date().toISOString();
  const times = { deleteRequestedAt: now, finishedAt: now, expiresAt: now };
  await staging.batches.noteName(entry.id, 'spring');
  expect(await staging.batches.newName(entry.id)).toBe('spring');
  await staging.batches.addTombstone(entry, { cancelRequestedAt: null, ...times });
  await staging.batches.noteName(entry.id, 'summer');
  expect(await staging.batches.newName(entry.id)).toBe(null);
  await staging.batches.dropRows(entry.id);
  await staging.batches.noteName(entry.id, 'autumn');
  expect(await staging.batches.hasRows(entry.id)).toBe(false);
});
