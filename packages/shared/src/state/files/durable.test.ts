import * as files from 'node:fs/promises';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchSyncs } from '../../testing/watch-syncs.js';
import { addDurably, writeDurably, writeWhole } from './durable.js';
import { isThere } from './optional-file.js';

vi.mock(import('node:fs/promises'), async (original) => ({ ...(await original()) }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('reports only a file that does not exist as missing', async () => {
  const [file, damaged] = [join(folder, 'file'), join(folder, 'damaged')];
  await writeFile(file, '');
  await symlink(damaged, damaged);
  expect(await isThere(file)).toBe(true);
  expect(await isThere(join(folder, 'other'))).toBe(false);
  expect(await isThere(join(file, 'below'))).toBe(false);
  await expect(isThere(damaged)).rejects.toThrow('ELOOP');
});

/** The folders that are synced, below `folder`, while something is written. */
async function syncedWhile(write: () => Promise<void>): Promise<string[]> {
  const synced: string[] = [];
  const { open } = await vi.importActual<typeof files>('node:fs/promises');
  const opened = vi.spyOn(files, 'open').mockImplementation(async (path, ...how) => {
    const file = await open(path, ...how);
    if (how[0] === 'r') vi.spyOn(file, 'sync').mockImplementation(async () => void synced.push(String(path)));
    return file;
  });
  try {
    await write();
  } finally {
    opened.mockRestore();
  }
  return synced.map((path) => path.slice(folder.length));
}

test('syncs the name of each created folder, and of no existing one', async () => {
  await mkdir(join(folder, 'live'));
  const path = join(folder, 'live', 'ab', 'img', 'submission.json');
  expect(await syncedWhile(() => writeDurably(path, ''))).toEqual(['/live', '/live/ab', '/live/ab/img']);
  expect(await syncedWhile(() => writeDurably(path, ''))).toEqual(['/live/ab/img']);
  expect(await syncedWhile(() => writeWhole(join(folder, 'outcomes', 'ab', 'img.json'), ''))).toEqual([]);
});

test('syncs the contents of a durable file before the file gets its name', async () => {
  const syncs = await watchSyncs();
  const path = (name: string) => join(folder, name, 'file');
  for (const name of ['written', 'added', 'whole']) await mkdir(join(folder, name));
  await writeDurably(path('written'), 'x');
  await addDurably(path('added'), 'x');
  await writeWhole(path('whole'), 'x');
  for (const name of ['written', 'added']) {
    expect(syncs.includes(path(name))).toBe(true);
    expect(syncs.indexOf(join(folder, name))).toBeGreaterThan(syncs.indexOf(path(name)));
  }
  expect(syncs.includes(path('whole'))).toBe(false);
});
