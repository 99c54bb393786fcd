import { link, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BLOCK_BYTES, bytesTaken } from '../files/disk-bytes.js';
import { batchFiles, uploadFiles } from '../staged/staged-names.js';
import { openFolderFiles } from './folder-files.js';
import { stagingLayout } from './layout.js';
import { openOwnerIndex } from './owner-index.js';
import { bytesByOwner, bytesByUse, bytesStaged } from './staged-bytes.js';
import { batchIds } from './walk.js';

let folder: string;
/** The bytes of an empty folder: one block, or none on some file systems. */
let ofFolder: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-walk-'));
  ofFolder = bytesTaken(await stat(folder));
});
afterEach(() => rm(folder, { recursive: true }));

const id = (kind: string, digit: string) => `${kind}_${digit.repeat(32)}`;

async function write(path: string, blocks: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.alloc(blocks * BLOCK_BYTES));
}

async function writeEntry(path: string, entry: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(entry));
}

const sum = (blocks: number, folders: number) => blocks * BLOCK_BYTES + folders * ofFolder;

test('distinguishes the bytes of images in progress from kept ones, and counts no link', async () => {
  const layout = stagingLayout(folder);
  const [waiting, failed, item, address] = ['1', '2', '3', '4'].map((digit) => id('img', digit)) as [
    string,
    string,
    string,
    string,
  ];
  await write(layout.submission(waiting), 3);
  await write(layout.source(waiting), 100);
  await write(join(layout.output(waiting), 'a', 'main.jpg'), 20);
  await write(layout.submission(failed), 5);
  await write(layout.source(failed), 50);
  await write(layout.outcome(failed), 7);
  await write(layout.submission(address), 11);
  const upload = batchFiles(layout.batch(id('bat', '5'))).upload('1');
  await write(upload, 200);
  await mkdir(layout.image(item), { recursive: true });
  await link(upload, layout.source(item));
  await write(join(layout.arriving(id('img', '6')), 'source'), 400);
  const { underWay, kept, byOwner } = await bytesStaged(
    layout,
    openOwnerIndex(openFolderFiles(layout.root)).begin(),
  );
  // Folders of three images and two of outputs; then of a failed image, three of a batch, and of an arrival.
  expect(underWay).toBe(sum(120, 5));
  expect(kept).toBe(sum(3 + 55 + 11 + 200 + 400, 5));
  expect(byOwner).toEqual(new Map());
});

test('counts the bytes of images in progress for the owner of the image or its batch', async () => {
  const layout = stagingLayout(folder);
  const [batch, item, single, second] = [id('bat', 'c'), id('img', 'c'), id('img', '2'), id('img', '3')];
  await writeEntry(batchFiles(layout.batch(batch)).entry, { owner: 'alice' });
  await write(layout.source(item), 2);
  await write(layout.source(single), 30);
  await write(layout.source(second), 4);
  for (const one of [single, second]) await writeEntry(layout.submission(one), { record: { owner: 'bob' } });
  const { byOwner } = await bytesStaged(layout, openOwnerIndex(openFolderFiles(layout.root)).begin());
  expect(Object.fromEntries(byOwner)).toEqual({ alice: sum(2, 1), bob: sum(34, 2) });
});

test('counts the bytes of a reviewed image apart until it has ended', async () => {
  const layout = stagingLayout(folder);
  const single = id('img', '2');
  await writeEntry(layout.submission(single), { record: { owner: 'bob' } });
  await write(layout.source(single), 30);
  await write(join(layout.review(single), 'a.held.json'), 1);
  const count = () => bytesStaged(layout, openOwnerIndex(openFolderFiles(layout.root)).begin());
  const heldByOwner = new Map([['bob', sum(31, 2)]]);
  expect(await count()).toMatchObject({ underWay: 0, held: sum(31, 2), byOwner: new Map(), heldByOwner });
  await write(layout.outcome(single), 1);
  expect(await count()).toMatchObject({ underWay: 0, held: 0 });
});

test('counts blocks and folders for their owners, a linked file for its batch, and those without an owner in the total', async () => {
  const layout = stagingLayout(folder);
  const [batch, upload] = [id('bat', 'c'), batchFiles(layout.batch(id('bat', 'c'))).upload('1')];
  await write(upload, 10);
  await writeEntry(batchFiles(layout.batch(batch)).entry, { owner: 'alice' });
  const item = id('img', 'c');
  await mkdir(layout.image(item), { recursive: true });
  await link(upload, layout.source(item));
  await write(layout.source(id('img', '2')), 2);
  await writeEntry(layout.submission(id('img', '2')), { record: { owner: 'bob' } });
  await write(layout.source(id('img', '3')), 30);
  await write(join(layout.arriving(id('img', '4')), 'source'), 40);
  await write(layout.source(id('img', '5')), 500);
  const owners = openOwnerIndex(openFolderFiles(layout.root)).begin();
  const { total, byOwner } = await bytesByOwner(layout, new Map([[id('img', '5'), 0]]), owners);
  // The entries take a block each; the batch has three folders and an item.
  const own = { alice: sum(11, 4), bob: sum(3, 1) };
  expect(Object.fromEntries(byOwner)).toEqual(own);
  expect(total).toBe(own.alice + own.bob + sum(70, 2));
});

test('counts a resumable upload for its owner, and once while an image takes over its bytes', async () => {
  const layout = stagingLayout(folder);
  const upload = id('upl', 'a');
  const { data, entry } = uploadFiles(layout.upload(upload));
  await write(data, 10);
  await writeEntry(entry, { owner: 'alice' });
  await mkdir(layout.arriving(id('img', 'a')), { recursive: true });
  await link(data, join(layout.arriving(id('img', 'a')), 'source'));
  const owners = openOwnerIndex(openFolderFiles(layout.root));
  const [own, withArrival] = [sum(11, 1), sum(11, 2)];
  const { byUse, byOwner } = await bytesByOwner(layout, new Map(), owners.begin());
  expect([byUse.uploads, byOwner.get('alice')]).toEqual([withArrival, own]);
  expect((await bytesByUse(layout)).uploads).toBe(withArrival);
  expect((await bytesStaged(layout, owners.begin())).kept).toBe(withArrival);
  const during = await bytesByOwner(layout, new Map([[upload, 600]]), owners.begin());
  expect(during.byOwner.get('alice')).toBe(600);
  await writeEntry(layout.finishedUpload(id('upl', 'b')), { owner: 'bob' });
  expect((await bytesByOwner(layout, new Map(), owners.begin())).byOwner.get('bob')).toBe(BLOCK_BYTES);
});

test('counts the file of a deleted batch for its owner, also while the batch has its folder', async () => {
  const layout = stagingLayout(folder);
  const [gone, going] = [id('bat', '1'), id('bat', '2')];
  await writeEntry(layout.deletedBatch(gone), { owner: 'alice' });
  await writeEntry(layout.deletedBatch(going), { owner: 'alice' });
  await write(batchFiles(layout.batch(going)).items, 10);
  const { byOwner } = await bytesByOwner(
    layout,
    new Map(),
    openOwnerIndex(openFolderFiles(layout.root)).begin(),
  );
  expect(byOwner.get('alice')).toBe(sum(12, 1));
  const ids: string[] = [];
  for await (const one of batchIds(layout)) ids.push(one);
  expect(ids.toSorted()).toEqual([gone, going]);
});

test('counts the files of a webhook endpoint for its owner', async () => {
  const layout = stagingLayout(folder);
  const endpoints = join(layout.webhooks, 'alice');
  await writeEntry(join(endpoints, `${id('whe', '1')}.json`), { owner: 'alice' });
  await write(join(endpoints, `${id('whe', '1')}.disabled`), 1);
  await write(join(endpoints, `${id('whe', '1')}.secrets`, '1-a'), 2);
  await write(join(endpoints, 'other'), 10);
  const owners = openOwnerIndex(openFolderFiles(layout.root));
  const { total, byUse, byOwner } = await bytesByOwner(layout, new Map(), owners.begin());
  expect([total, byUse.endpoints, byOwner.get('alice')]).toEqual([sum(14, 1), sum(14, 1), sum(4, 1)]);
  expect((await bytesStaged(layout, owners.begin())).kept).toBe(sum(14, 1));
});

test('counts the other folders when one cannot be read', async () => {
  const layout = stagingLayout(folder);
  await write(layout.source(id('img', '1')), 100);
  await symlink(layout.incoming, layout.incoming);
  expect((await bytesByUse(layout)).images).toBe(sum(100, 1));
});
