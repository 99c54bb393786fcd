import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testUpload } from '../../testing/upload.js';
import { watchSyncs } from '../../testing/watch-syncs.js';
import { uploadFiles } from '../staged/staged-names.js';
import type { UploadEntry } from '../uploads/upload-entry.js';
import { stagingLayout } from './layout.js';
import { openStaging } from './open-staging.js';
import type { StagedUploads } from './staged-uploads.js';

const ID = `upl_${'5f'.repeat(16)}`;
const entry = (changes: Partial<UploadEntry> = {}) => testUpload({ id: ID, ...changes });

let dataDir: string;
let uploads: StagedUploads;
const files = () => uploadFiles(stagingLayout(dataDir).upload(ID));
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pixdock-uploads-'));
  ({ uploads } = await openStaging(dataDir));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function add(text: string, offset: number, isChecked = false): Promise<number> {
  await using writer = await uploads.write(ID, offset, isChecked);
  await writer.write(Buffer.from(text));
  return await writer.end();
}

it('creates an upload durably, and adds to it what each request brings', async () => {
  const syncs = await watchSyncs();
  const created = entry();
  await uploads.create(created);
  expect(await uploads.read(ID)).toEqual({ isFinished: false, entry: created, offset: 0 });
  for (const path of [files().entry, dirname(files().entry), dirname(dirname(files().entry))])
    expect(syncs.includes(path)).toBe(true);
  expect(await add('hello', 0)).toBe(5);
  expect(await add('world', 5)).toBe(10);
  expect(await readFile(files().data, 'utf8')).toBe('helloworld');
  expect((await uploads.read(ID))?.offset).toBe(10);
});

it('syncs the bytes of a request before it names their number', async () => {
  await uploads.create(entry());
  const syncs = await watchSyncs();
  expect(await add('hello', 0)).toBe(5);
  expect(syncs.includes(files().data)).toBe(true);
});

it('syncs the bytes that a killed process left before it names their number', async () => {
  await uploads.create(entry());
  await appendFile(files().data, 'hel');
  const syncs = await watchSyncs();
  expect((await uploads.read(ID))?.offset).toBe(3);
  expect(syncs.includes(files().data)).toBe(true);
});

it('keeps the bytes of an interrupted request', async () => {
  await uploads.create(entry());
  {
    await using writer = await uploads.write(ID, 0, false);
    await writer.write(Buffer.from('hel'));
  }
  expect((await uploads.read(ID))?.offset).toBe(3);
});

it('discards the bytes of an interrupted request with a checksum, also after a crash', async () => {
  await uploads.create(entry());
  await add('he', 0, true);
  // As in a killed process: neither ended nor disposed of.
  const writer = await uploads.write(ID, 2, true);
  await writer.write(Buffer.from('XXX'));
  await expect.poll(() => readFile(files().data, 'utf8')).toBe('heXXX');
  expect((await uploads.read(ID))?.offset).toBe(2);
  await writer[Symbol.asyncDispose]();
  expect((await uploads.read(ID))?.offset).toBe(2);
  expect(await add('llo', 2)).toBe(5);
  expect(await readFile(files().data, 'utf8')).toBe('hello');
  expect((await uploads.read(ID))?.offset).toBe(5);
});

it('keeps one small file of a finished upload', async () => {
  const long = entry({ metadata: `columns ${'A'.repeat(15_000)}` });
  await uploads.create(long);
  await add('helloworld', 0);
  const syncs = await watchSyncs();
  await uploads.finish(long, 'bat_1');
  const path = stagingLayout(dataDir).finishedUpload(ID);
  expect(syncs.includes(path)).toBe(true);
  expect(await uploads.read(ID)).toMatchObject({
    isFinished: true,
    offset: 10,
    entry: { resourceId: 'bat_1' },
  });
  expect(await readdir(dirname(path))).toEqual([basename(path)]);
  expect((await stat(path)).size).toBeLessThan(400);
  expect(await uploads.remove(ID)).toBe(true);
  expect(await readdir(dirname(path))).toEqual([]);
});

it('keeps nothing of an upload that is removed while it is finished', async () => {
  await uploads.create(entry());
  await uploads.remove(ID);
  await uploads.finish(entry(), 'bat_1');
  expect(await uploads.read(ID)).toBe(null);
});

it('has no expired, removed, or half-made upload', async () => {
  expect(await uploads.read(ID)).toBe(null);
  await uploads.create(entry({ expiresAt: new Date(Date.now() - 1).toISOString() }));
  expect(await uploads.read(ID)).toBe(null);
  expect(await uploads.remove(ID)).toBe(true);
  expect(await uploads.remove(ID)).toBe(false);
  await uploads.create(entry());
  await rm(files().entry);
  expect(await uploads.read(ID)).toBe(null);
});
