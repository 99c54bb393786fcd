import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchFiles, stagingLayout } from './layout.js';
import { bytesStaged, bytesTaken } from './walk.js';

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

test('what images under way take is told from what is kept, and a link takes nothing', async () => {
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
  expect(await bytesStaged(layout)).toEqual({ underWay: 120, kept: 3 + 1005 + 11 + 10_000 + 100_000 });
});

test('a folder that cannot be read counts nothing, and keeps no other from being counted', async () => {
  const layout = stagingLayout(folder);
  await write(layout.source(id('img', '1')), 100);
  await symlink(layout.incoming, layout.incoming);
  expect(await bytesTaken(layout)).toBe(100);
});
