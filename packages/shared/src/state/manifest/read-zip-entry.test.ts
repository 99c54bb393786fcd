import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import { type RawEntry, rawZip } from '@pixdock/shared/testing/raw-zip';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readZipEntry } from './read-zip-entry.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-zip-entry-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each<[string, RawEntry]>([
  ['deflated', { name: '图.jpg', content: 'text' }],
  ['stored', { name: 'b.jpg', content: 'text', method: 0 }],
  ['written with a descriptor', { name: 'c.jpg', content: 'text', hasDescriptor: true }],
  ['written for ZIP64', { name: 'd.jpg', content: 'text', isZip64: true }],
  ['of any name', { name: '../../etc/passwd', content: 'text' }],
])('reads an entry that is %s', async (_, entry) => {
  const { path, origin } = await save([{ name: 'first.jpg', content: 'other' }, entry]);
  expect(await content(path, origin)).toBe('text');
});

it('reads an entry after a faulty one', async () => {
  const faulty = { name: 'a.jpg', content: 'xy', method: 0, bytes: 3 };
  const { path, origin } = await save([faulty, { name: 'good.jpg', content: 'good' }]);
  expect(await content(path, origin)).toBe('good');
});

it.each<[string, RawEntry, string]>([
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
])('refuses an entry that %s', async (_, entry, code) => {
  const { path, origin } = await save([entry]);
  let most = 0;
  const read = async () => {
    for await (const chunk of readZipEntry(path, origin, 1000)) most += chunk.length;
  };
  await expect(read()).rejects.toMatchObject({ code });
  expect(most).toBeLessThanOrEqual(1000);
});

it('refuses a bomb that declares its size once it exceeds the limit', async () => {
  const { path, origin } = await save([{ name: 'a', content: Buffer.alloc(50_000_000) }]);
  let read = 0;
  const grow = async () => {
    for await (const chunk of readZipEntry(path, { ...origin, bytes: 900 }, 1000)) read += chunk.length;
  };
  await expect(grow()).rejects.toMatchObject({ code: 'source_too_large' });
  expect(read).toBe(0);
});

it('refuses an entry with more bytes than it declares before it reads them', async () => {
  const { path, origin } = await save([{ name: 'a', content: Buffer.alloc(50_000_000) }]);
  let read = 0;
  const grow = async () => {
    for await (const chunk of readZipEntry(path, { ...origin, bytes: 900_000 }, 100_000_000))
      read += chunk.length;
  };
  await expect(grow()).rejects.toMatchObject({ code: 'image_corrupt' });
  expect(read).toBeLessThanOrEqual(900_000);
});

it('closes the archive when the reader stops early', async () => {
  const { path, origin } = await save([{ name: 'a', content: Buffer.alloc(900_000, 'x') }]);
  for await (const chunk of readZipEntry(path, origin, 1_000_000)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});

it('reports a missing archive as a missing file', async () => {
  const { path, origin } = await save([{ name: 'a', content: 'x' }]);
  await rm(path);
  await expect(content(path, origin)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('reports a known error for any damage', async () => {
  const { archive, origins } = rawZip([
    { name: 'a.jpg', content: 'content' },
    { name: 'b.jpg', content: 'other', method: 0 },
  ]);
  const random = lcg(20_261_125);
  for (let round = 0; round < 400; round++) {
    const body = Buffer.from(archive);
    for (let changes = random(4); changes >= 0; changes--) body[random(body.length)] = random(256);
    const path = join(folder, `${saved++}.zip`);
    await writeFile(path, body);
    for (const origin of origins) {
      const elsewhere = { ...origin, offset: random(body.length), compressedBytes: random(body.length) };
      const changed = { ...origin, method: 8 - origin.method, bytes: random(1100) };
      const told = [origin, elsewhere, changed][random(3)] ?? origin;
      await buffer(readZipEntry(path, told, 1000)).catch((error: { code?: string }) => {
        expect(['image_corrupt', 'source_too_large']).toContain(error.code);
      });
    }
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
/** Saves an archive of these entries; the origin is that of the last one. */
async function save(entries: [RawEntry, ...RawEntry[]]): Promise<{ path: string; origin: EntryOrigin }> {
  const { archive, origins } = rawZip(entries);
  const path = join(folder, `${saved++}.zip`);
  await writeFile(path, archive);
  return { path, origin: origins.at(-1) as EntryOrigin };
}

async function content(path: string, origin: EntryOrigin): Promise<string> {
  return (await buffer(readZipEntry(path, origin, 1000))).toString('utf8');
}
