import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArchiveEntry, type EntryOrigin, listArchive, readEntry } from './archive.js';

const LIMITS = { maxEntryBytes: 1000, maxEntries: 100_000 };
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('lists files in order, without folders and litter, and reads each', async () => {
  const litter = ['__MACOSX/b.jpg', 'photos/.DS_Store', 'Thumbs.db', '._b.jpg', 'photos/._c.jpg'];
  const path = await save(
    rawZip([
      { name: 'photos/', content: '', method: 0 },
      { name: 'photos/图.jpg', content: 'one' },
      { name: 'b.jpg', content: 'two', method: 0 },
      ...litter.map((name) => ({ name, content: 'x' })),
      { name: 'descriptor.jpg', content: 'three', hasDescriptor: true },
      { name: 'my._x.jpg', content: 'four' },
    ]),
  );
  const entries = await list(path);
  expect(entries.map(({ name, fault }) => [name, fault])).toEqual([
    ['photos/图.jpg', null],
    ['b.jpg', null],
    ['descriptor.jpg', null],
    ['my._x.jpg', null],
  ]);
  expect(entries[1]?.origin).toMatchObject({ method: 0, compressedBytes: 3, bytes: 3, crc32: crc32('two') });
  const read = await Promise.all(entries.map((entry) => content(path, entry)));
  expect(read).toEqual(['one', 'two', 'three', 'four']);
});

test('folders count as entries, also where the archive counts them wrong', async () => {
  const folders = Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}/`, content: '', method: 0 }));
  const path = await save(rawZip(folders, true));
  expect(await list(path)).toEqual([]);
  const listed = async (limits: typeof LIMITS, file = path) => {
    for await (const _ of listArchive(file, limits));
  };
  await expect(listed({ ...LIMITS, maxEntries: 69_999 })).rejects.toMatchObject({ code: 'too_many_items' });
  // Without ZIP64 the archive declares 70,000 modulo 65,536 = 4,464 entries.
  const few = { ...LIMITS, maxEntries: 4463 };
  await expect(listed(few, await save(rawZip(folders)))).rejects.toMatchObject({ code: 'too_many_items' });
});

test('reads ZIP64', async () => {
  const entries = ['one', 'two'].map((text) => ({ name: `${text}.jpg`, content: text, isZip64: true }));
  const path = await save(rawZip(entries, true));
  const listed = await list(path);
  expect(listed.map(({ origin }) => origin.bytes)).toEqual([3, 3]);
  expect(await Promise.all(listed.map((entry) => content(path, entry)))).toEqual(['one', 'two']);
});

test('lists 70,000 entries, counted with ZIP64', async () => {
  const entries = Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}.jpg`, content: 'x', method: 0 }));
  let last = '';
  let count = 0;
  for await (const { name } of listArchive(await save(rawZip(entries, true)), LIMITS)) {
    last = name;
    count++;
  }
  expect([count, last]).toEqual([70_000, '69999.jpg']);
  // Writers without it count modulo 65,536, and most of the files would be passed over without a word.
  await expect(list(await save(rawZip(entries)))).rejects.toMatchObject({ code: 'invalid_request' });
});

test.each([
  ['../../etc/passwd'],
  ['/etc/passwd'],
  ['C:\\Windows\\a.jpg'],
  ['..\\..\\a.jpg'],
  ['a\0.jpg'],
  [''],
])('takes the name %j as it is', async (name) => {
  const path = await save(rawZip([{ name, content: 'x' }]));
  const [entry] = await list(path);
  expect(entry).toMatchObject({ name, fault: null });
  expect(await content(path, entry)).toBe('x');
});

test('leaves out folders and litter of Windows writers too', async () => {
  const names = ['photos\\', '__MACOSX\\a.jpg', 'photos\\Thumbs.db', 'photos\\a.jpg'];
  const entries = await list(await save(rawZip(names.map((name) => ({ name, content: 'x' })))));
  expect(entries.map(({ name }) => name)).toEqual(['photos\\a.jpg']);
});

test('names are UTF-8 or GB18030, whatever the flag says, or in the Unicode path', async () => {
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
      rawZip([
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
  ['too large', { name: 'a.jpg', content: 'x'.repeat(1001) }, 'source_too_large', /larger than 1000 bytes/],
  ['empty', { name: 'a.jpg', content: '' }, 'empty_file', /is empty/],
  [
    'stored in another size',
    { name: 'a.jpg', content: 'xy', method: 0, bytes: 3 },
    'invalid_row',
    /directory/,
  ],
  ['outside', { name: 'a.jpg', content: 'x', offset: 0xffff_0000 }, 'invalid_row', /directory/],
])('an entry that is %s is at fault, and no other', async (_, entry, code, says) => {
  const path = await save(rawZip([entry, { name: 'good.jpg', content: 'good' }]));
  const [wrong, good] = await list(path);
  expect(wrong?.fault).toMatchObject({ code, says: { en: expect.stringMatching(says) } });
  expect(wrong?.fault?.says.zh).toMatch(/[一-龥]/);
  expect(good?.fault).toBeNull();
  expect(await content(path, good)).toBe('good');
});

test.each<[string, RawEntry, string]>([
  ['says it is smaller', { name: 'a', content: 'x'.repeat(500), bytes: 499 }, 'image_corrupt'],
  ['says it is larger', { name: 'a', content: 'x'.repeat(500), bytes: 501 }, 'image_corrupt'],
  ['has another CRC', { name: 'a', content: 'x', crc: 1 }, 'image_corrupt'],
  ['is a bomb', { name: 'a', content: Buffer.alloc(50_000_000), bytes: 10 }, 'source_too_large'],
  ['is damaged', { name: 'a', content: 'x', data: Buffer.from([7, 7, 7, 7]) }, 'image_corrupt'],
  [
    'is cut',
    { name: 'a', content: 'x'.repeat(500), data: deflateRawSync('x'.repeat(500)).subarray(0, 3) },
    'image_corrupt',
  ],
  ['is elsewhere', { name: 'a', content: 'x', offset: 5 }, 'image_corrupt'],
  ['is far outside', { name: 'a', content: 'x', offset: 0xffff_0000 }, 'image_corrupt'],
  ['has no bytes at all', { name: 'a', content: 'x', compressed: 0 }, 'image_corrupt'],
  ['is too large', { name: 'a', content: 'x'.repeat(1001) }, 'source_too_large'],
])('reading refuses an entry that %s', async (_, entry, code) => {
  const path = await save(rawZip([entry]));
  const [listed] = await list(path);
  let most = 0;
  const read = async () => {
    for await (const chunk of readEntry(path, originOf(listed), 1000)) most += chunk.length;
  };
  await expect(read()).rejects.toMatchObject({ code });
  expect(most).toBeLessThanOrEqual(1000);
});

test('a bomb that declares its size is refused as it grows past the limit of the reader', async () => {
  const path = await save(rawZip([{ name: 'a', content: Buffer.alloc(50_000_000) }]));
  const [entry] = await list(path);
  let read = 0;
  const grow = async () => {
    const origin = { ...originOf(entry), bytes: 900 };
    for await (const chunk of readEntry(path, origin, 1000)) read += chunk.length;
  };
  await expect(grow()).rejects.toMatchObject({ code: 'source_too_large' });
  expect(read).toBe(0);
});

test('an entry with more than it declares is refused before more than that is read', async () => {
  const path = await save(rawZip([{ name: 'a', content: Buffer.alloc(50_000_000) }]));
  const [entry] = await list(path);
  let read = 0;
  const grow = async () => {
    const origin = { ...originOf(entry), bytes: 900_000 };
    for await (const chunk of readEntry(path, origin, 100_000_000)) read += chunk.length;
  };
  await expect(grow()).rejects.toMatchObject({ code: 'image_corrupt' });
  expect(read).toBeLessThanOrEqual(900_000);
});

test('an early end leaves nothing open', async () => {
  const path = await save(rawZip([{ name: 'a', content: Buffer.alloc(900_000, 'x') }]));
  const [entry] = await list(path);
  for await (const chunk of readEntry(path, originOf(entry), 1_000_000)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  for await (const { name } of listArchive(path, LIMITS)) {
    expect(name).toBe('a');
    break;
  }
});

test('an archive that is gone is no fault of the entry', async () => {
  const path = await save(rawZip([{ name: 'a', content: 'x' }]));
  const [entry] = await list(path);
  await rm(path);
  await expect(content(path, entry)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('refuses what cannot be read', async () => {
  const good = rawZip([
    { name: 'a.jpg', content: 'x'.repeat(100) },
    { name: 'b.jpg', content: 'y' },
  ]);
  const withCount = (count: number) => {
    const body = Buffer.from(good);
    body.writeUInt16LE(count, body.length - 12);
    return body;
  };
  const overlapping = rawZip(
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

test('settles whatever it is given', async () => {
  const whole = rawZip([
    { name: 'a.jpg', content: 'content' },
    { name: 'b.jpg', content: 'other', method: 0 },
  ]);
  const random = lcg(20_261_125);
  for (let round = 0; round < 400; round++) {
    const body = Buffer.from(whole);
    for (let changes = random(4); changes >= 0; changes--) body[random(body.length)] = random(256);
    const path = await save(body);
    const read = async () => {
      for await (const { origin, fault } of listArchive(path, LIMITS))
        if (fault === null)
          await buffer(readEntry(path, origin, 1000)).catch((error: { code?: string }) => {
            expect(['image_corrupt', 'source_too_large']).toContain(error.code);
          });
    };
    await read().catch((error: { code?: string }) => expect(error.code).toBe('invalid_request'));
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

async function content(path: string, entry: ArchiveEntry | undefined): Promise<string> {
  return (await buffer(readEntry(path, originOf(entry), 1000))).toString('utf8');
}

function originOf(entry: ArchiveEntry | undefined): EntryOrigin {
  if (entry === undefined) throw new Error('no such entry');
  return entry.origin;
}

/** An entry as an honest writer makes it, and what is to be told otherwise. */
interface RawEntry {
  name: string | Buffer;
  content: string | Buffer;
  flags?: number;
  method?: number;
  data?: Buffer;
  bytes?: number;
  compressed?: number;
  crc?: number;
  offset?: number;
  extra?: Buffer;
  /** Its size and CRC-32 come after its data, and not in its local header. */
  hasDescriptor?: boolean;
  isZip64?: boolean;
}

function rawZip(entries: RawEntry[], isZip64 = false): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { flags = 0x800, method = 8, hasDescriptor = false } = entry;
    const name = Buffer.from(entry.name);
    const data = entry.data ?? (method === 8 ? deflateRawSync(entry.content) : Buffer.from(entry.content));
    const compressed = entry.compressed ?? data.length;
    const bytes = entry.bytes ?? Buffer.byteLength(entry.content);
    const at = entry.offset ?? offset;
    const extra =
      entry.isZip64 === true ? zip64Field(bytes, compressed, at) : (entry.extra ?? Buffer.alloc(0));
    const most = (value: number) => (entry.isZip64 === true ? 0xffff_ffff : value);
    const fields = Buffer.concat([
      u16(20, hasDescriptor ? flags | 8 : flags, method, 0, 0),
      u32(entry.crc ?? crc32(entry.content), most(compressed), most(bytes)),
      u16(name.length, extra.length),
    ]);
    const local = Buffer.from(fields);
    if (hasDescriptor) local.fill(0, 10, 22);
    const descriptor = hasDescriptor ? [Buffer.from('PK\x07\x08'), fields.subarray(10, 22)] : [];
    directory.push(
      Buffer.from('PK\x01\x02\x14\0', 'latin1'),
      fields,
      Buffer.alloc(10),
      u32(most(at)),
      name,
      extra,
    );
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), local, name, extra, data, ...descriptor]);
    files.push(file);
    offset += file.length;
  }
  const listed = Buffer.concat(directory);
  const count = isZip64 ? 0xffff : entries.length % 65_536;
  const end = [Buffer.from('PK\x05\x06'), u16(0, 0, count, count), u32(listed.length, offset), u16(0)];
  return Buffer.concat([
    ...files,
    listed,
    ...(isZip64 ? zip64End(entries.length, listed.length, offset) : []),
    ...end,
  ]);
}

function zip64Field(bytes: number, compressed: number, offset: number): Buffer {
  return Buffer.concat([u16(1, 24), u64(bytes, compressed, offset)]);
}

function zip64End(count: number, bytes: number, offset: number): Buffer[] {
  return [
    Buffer.concat([
      Buffer.from('PK\x06\x06'),
      u64(44),
      u16(45, 45),
      u32(0, 0),
      u64(count, count, bytes, offset),
    ]),
    Buffer.concat([Buffer.from('PK\x06\x07'), u32(0), u64(offset + bytes), u32(1)]),
  ];
}

const u16 = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: number[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
