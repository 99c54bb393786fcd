import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { detailText, locate } from '@pixdock/contract/messages/detail';
import { type RawEntry, rawZip } from '@pixdock/shared/testing/raw-zip';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArchiveEntry, listArchive } from './list-archive.js';

const LIMITS = { maxEntryBytes: 1000, maxEntries: 100_000 };
const ZIP64_END_BYTES = 56 + 20;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'list-archive-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('lists files in order, without folders and system files', async () => {
  const litter = ['__MACOSX/b.jpg', 'photos/.DS_Store', 'Thumbs.db', '._b.jpg', 'photos/._c.jpg'];
  const { archive, origins } = rawZip([
    { name: 'photos/图.jpg', content: 'one' },
    { name: 'b.jpg', content: 'two', method: 0 },
    { name: 'descriptor.jpg', content: 'three', hasDescriptor: true },
    { name: 'my._x.jpg', content: 'four' },
    { name: 'photos/', content: '', method: 0 },
    ...litter.map((name) => ({ name, content: 'x' })),
  ]);
  const entries = await list(await save(archive));
  expect(entries.map(({ name, fault }) => [name, fault])).toEqual([
    ['photos/图.jpg', null],
    ['b.jpg', null],
    ['descriptor.jpg', null],
    ['my._x.jpg', null],
  ]);
  expect(entries.map(({ origin }) => origin)).toEqual(origins.slice(0, 4));
});

test('lists 70,000 entries, counts folders among them, and notices a wrong count', async () => {
  const entries = Array.from({ length: 70_000 }, (_, i) =>
    i % 2 === 0 ? { name: `${i}/`, content: '', method: 0 } : { name: `${i}.jpg`, content: 'x', method: 0 },
  );
  const archive = zip(entries, true);
  const path = await save(archive);
  const names = (await list(path)).map(({ name }) => name);
  expect([names.length, names.at(-1)]).toEqual([35_000, '69999.jpg']);
  const listed = async (maxEntries: number, file = path) => {
    for await (const _ of listArchive(file, { ...LIMITS, maxEntries }));
  };
  await expect(listed(69_999)).rejects.toMatchObject({ code: 'too_many_items' });
  // Writers without ZIP64 count modulo 65,536, so most of the files would be skipped silently.
  const end = Buffer.from(archive.subarray(-22));
  for (const at of [8, 10]) end.writeUInt16LE(70_000 % 65_536, at);
  const wrong = await save(Buffer.concat([archive.subarray(0, -22 - ZIP64_END_BYTES), end]));
  await expect(list(wrong)).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(listed(4463, wrong)).rejects.toMatchObject({ code: 'too_many_items' });
});

test('reads ZIP64', async () => {
  const entries = ['one', 'two'].map((text) => ({ name: `${text}.jpg`, content: text, isZip64: true }));
  const { archive, origins } = rawZip(entries, true);
  const listed = await list(await save(archive));
  expect(listed.map(({ origin }) => origin)).toEqual(origins);
});

test.each([
  ['../../etc/passwd'],
  ['/etc/passwd'],
  ['C:\\Windows\\a.jpg'],
  ['..\\..\\a.jpg'],
  ['a\0.jpg'],
  [''],
])('keeps the name %j unchanged', async (name) => {
  const { archive, origins } = rawZip([{ name, content: 'x' }]);
  expect(await list(await save(archive))).toEqual([{ name, origin: origins[0], fault: null }]);
});

test('skips folders and system files of Windows writers too', async () => {
  const names = ['photos\\', '__MACOSX\\a.jpg', 'photos\\Thumbs.db', 'photos\\a.jpg'];
  const entries = await list(await save(zip(names.map((name) => ({ name, content: 'x' })))));
  expect(entries.map(({ name }) => name)).toEqual(['photos\\a.jpg']);
});

test('reads names in UTF-8 or GB18030, whatever the flag says, or from the Unicode path', async () => {
  const gb = Buffer.from('cdbcc6ac2e6a7067', 'hex');
  const extra = (name: Buffer, text: string, sum = crc32(name)) => {
    const data = Buffer.alloc(9);
    data.writeUInt16LE(0x7075, 0);
    data.writeUInt16LE(5 + Buffer.byteLength(text), 2);
    data.writeUInt8(1, 4);
    data.writeUInt32LE(sum, 5);
    return Buffer.concat([data, Buffer.from(text)]);
  };
  const entries = await list(
    await save(
      zip([
        { name: '图片.jpg', content: 'x' },
        { name: '图片.jpg', content: 'x', flags: 0 },
        { name: Buffer.from('bbf5bac52e6a7067', 'hex'), content: 'x', flags: 0 },
        { name: Buffer.from('x.jpg'), content: 'x', flags: 0, extra: extra(Buffer.from('x.jpg'), '图.jpg') },
        { name: Buffer.from('x.jpg'), content: 'x', flags: 0, extra: extra(gb, '图.jpg') },
      ]),
    ),
  );
  expect(entries.map(({ name }) => name)).toEqual(['图片.jpg', '图片.jpg', '货号.jpg', '图.jpg', 'x.jpg']);
});

test.each<[string, RawEntry, string, RegExp]>([
  ['encrypted', { name: 'a.jpg', content: 'x', flags: 0x801 }, 'invalid_row', /encrypted/],
  ['an archive', { name: 'a/B.ZIP', content: 'x' }, 'invalid_row', /archive itself/],
  ['an archive of two suffixes', { name: 'a.tar.gz', content: 'x' }, 'invalid_row', /archive itself/],
  ['of another method', { name: 'a.jpg', content: 'x', method: 12 }, 'invalid_row', /method 12/],
  [
    'too large',
    { name: 'a.jpg', content: 'x'.repeat(1001) },
    'source_too_large',
    /has 1,001 bytes, more than 1,000 bytes/,
  ],
  ['empty', { name: 'a.jpg', content: '' }, 'empty_file', /is empty/],
  [
    'stored in another size',
    { name: 'a.jpg', content: 'xy', method: 0, bytes: 3 },
    'invalid_row',
    /directory/,
  ],
  ['outside', { name: 'a.jpg', content: 'x', offset: 0xffff_0000 }, 'invalid_row', /directory/],
])('reports a fault only for the entry that is %s', async (_, entry, code, sentence) => {
  const { archive, origins } = rawZip([entry, { name: 'good.jpg', content: 'good' }]);
  const [wrong, good] = await list(await save(archive));
  expect(wrong?.fault?.code).toBe(code);
  const text = wrong?.fault && detailText(locate(wrong.fault.detail, { row: 1 }));
  expect(text).toEqual({ en: expect.stringMatching(sentence), zh: expect.stringMatching(/[一-龥]/) });
  expect(good?.fault).toBeNull();
  expect(good?.origin).toEqual(origins[1]);
});

test('closes the archive when the caller stops early', async () => {
  const path = await save(zip([{ name: 'a', content: Buffer.alloc(900_000, 'x') }]));
  for await (const { name } of listArchive(path, LIMITS)) {
    expect(name).toBe('a');
    break;
  }
});

test('refuses unreadable archives', async () => {
  const good = zip([
    { name: 'a.jpg', content: 'x'.repeat(100) },
    { name: 'b.jpg', content: 'y' },
  ]);
  const withCount = (count: number) => {
    const body = Buffer.from(good);
    body.writeUInt16LE(count, body.length - 12);
    return body;
  };
  const overlapping = zip(
    Array.from({ length: 50 }, (_, i) => ({ name: `${i}`, content: 'x', offset: 0, compressed: 100 })),
  );
  for (const body of [
    Buffer.alloc(0),
    Buffer.from('PK'),
    Buffer.from('no ZIP at all'),
    good.subarray(0, -1),
    good.subarray(0, 60),
    good.subarray(60),
    withCount(1),
    withCount(3),
    withCount(65_535),
    overlapping,
  ])
    await expect(list(await save(body))).rejects.toMatchObject({ code: 'invalid_request' });
});

test('settles for any input', async () => {
  const whole = zip([
    { name: 'a.jpg', content: 'content' },
    { name: 'b.jpg', content: 'other', method: 0 },
  ]);
  const random = lcg(20_261_125);
  for (let round = 0; round < 400; round++) {
    const body = Buffer.from(whole);
    for (let changes = random(4); changes >= 0; changes--) body[random(body.length)] = random(256);
    const path = await save(body);
    await list(path).catch((error: { code?: string }) => expect(error.code).toBe('invalid_request'));
    await rm(path);
  }
});

function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

let saved = 0;
async function save(archive: Buffer): Promise<string> {
  const path = join(folder, `${saved++}.zip`);
  await writeFile(path, archive);
  return path;
}

async function list(path: string): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for await (const entry of listArchive(path, LIMITS)) entries.push(entry);
  return entries;
}

const zip = (entries: RawEntry[], isZip64 = false) => rawZip(entries, isZip64).archive;
