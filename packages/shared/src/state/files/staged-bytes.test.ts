import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchFiles, stagingLayout, uploadFiles } from './layout.js';
import { openOwnerIndex } from './owner-index.js';
import { bytesByOwner, bytesStaged, bytesUsed } from './staged-bytes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-walk-'));
});
afterEach(() => rm(folder, { recursive: true }));

const id = (kind: string, digit: string) => `${kind}_${digit.repeat(32)}`;

async function write(path: string, bytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.alloc(bytes));
}

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
  await write(layout.source(failed), 1000);
  await write(layout.outcome(failed), 7);
  await write(layout.submission(address), 11);
  const upload = batchFiles(layout.batch(id('bat', '5'))).upload('1');
  await write(upload, 10_000);
  await mkdir(layout.image(item), { recursive: true });
  await link(upload, layout.source(item));
  await write(join(layout.arriving(id('img', '6')), 'source'), 100_000);
  const staged = await bytesStaged(layout, openOwnerIndex(layout).begin());
  expect(staged).toEqual({
    underWay: 120,
    kept: 3 + 1005 + 11 + 10_000 + 100_000,
    byOwner: new Map(),
  });
});

test('counts the bytes of images in progress for the owner of the image or its batch', async () => {
  const layout = stagingLayout(folder);
  const [batch, item, single] = [id('bat', 'c'), id('img', 'c'), id('img', '2')];
  const { entry } = batchFiles(layout.batch(batch));
  await write(entry, 0);
  await writeFile(entry, JSON.stringify({ owner: 'alice' }));
  await write(layout.source(item), 20);
  await write(layout.source(single), 300);
  await writeFile(layout.submission(single), JSON.stringify({ record: { owner: 'bob' } }));
  const { byOwner } = await bytesStaged(layout, openOwnerIndex(layout).begin());
  expect(byOwner).toEqual(
    new Map([
      ['alice', 20],
      ['bob', 300],
    ]),
  );
});

test('counts files for their owners, a linked file for its batch, and files without an owner in the total', async () => {
  const layout = stagingLayout(folder);
  const [batch, upload] = [id('bat', 'c'), batchFiles(layout.batch(id('bat', 'c'))).upload('1')];
  await write(upload, 1000);
  const entry = JSON.stringify({ owner: 'alice' });
  await writeFile(batchFiles(layout.batch(batch)).entry, entry);
  const item = id('img', 'c');
  await mkdir(layout.image(item), { recursive: true });
  await link(upload, layout.source(item));
  await write(layout.source(id('img', '2')), 20);
  const submission = JSON.stringify({ record: { owner: 'bob' } });
  await writeFile(layout.submission(id('img', '2')), submission);
  await write(layout.source(id('img', '3')), 300);
  await write(join(layout.arriving(id('img', '4')), 'source'), 4000);
  await write(layout.source(id('img', '5')), 50_000);
  const owners = openOwnerIndex(layout).begin();
  const { total, byOwner } = await bytesByOwner(layout, new Map([[id('img', '5'), 0]]), owners);
  const own = { alice: 1000 + entry.length, bob: 20 + submission.length };
  expect(Object.fromEntries(byOwner)).toEqual(own);
  expect(total).toBe(own.alice + own.bob + 300 + 4000);
});

test('counts a resumable upload for its owner, and once while an image takes over its bytes', async () => {
  const layout = stagingLayout(folder);
  const upload = id('upl', 'a');
  const { data, entry } = uploadFiles(layout.upload(upload));
  await write(data, 1000);
  const described = JSON.stringify({ owner: 'alice' });
  await writeFile(entry, described);
  await mkdir(layout.arriving(id('img', 'a')), { recursive: true });
  await link(data, join(layout.arriving(id('img', 'a')), 'source'));
  const owners = openOwnerIndex(layout);
  const whole = 1000 + described.length;
  const { byUse, byOwner } = await bytesByOwner(layout, new Map(), owners.begin());
  expect([byUse.uploads, byOwner.get('alice')]).toEqual([whole, whole]);
  expect(await bytesUsed(layout)).toBe(whole);
  expect((await bytesStaged(layout, owners.begin())).kept).toBe(whole);
  const during = await bytesByOwner(layout, new Map([[upload, 600]]), owners.begin());
  expect(during.byOwner.get('alice')).toBe(600);
  await mkdir(dirname(layout.upload(id('upl', 'b'))), { recursive: true });
  await writeFile(layout.finishedUpload(id('upl', 'b')), JSON.stringify({ owner: 'bob' }));
  expect((await bytesByOwner(layout, new Map(), owners.begin())).byOwner.get('bob')).toBe(15);
});

test('counts the other folders when one cannot be read', async () => {
  const layout = stagingLayout(folder);
  await write(layout.source(id('img', '1')), 100);
  await symlink(layout.incoming, layout.incoming);
  expect(await bytesUsed(layout)).toBe(100);
});
