import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { moveFile } from './move-file.js';

async function readFileToMove() {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-move-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const bytes = Buffer.from('variant');
  await writeFile(from, bytes);
  const opened = await open(from, 'r');
  onTestFinished(() => opened.close());
  return { folder, from, to, read: { bytes, inode: (await opened.stat()).ino } };
}

it('moves a file', async () => {
  const { from, to, read } = await readFileToMove();
  expect(await moveFile(from, to, read)).toBe(true);
  expect(await readFile(to)).toEqual(read.bytes);
  expect(existsSync(from)).toBe(false);
});

it.each(['file', 'link', 'nothing'])('leaves no %s that replaced the file', async (kind) => {
  const { folder, from, to, read } = await readFileToMove();
  const secret = join(folder, 'secret');
  await writeFile(secret, 'secret');
  await rm(from);
  if (kind === 'link') await symlink(secret, from);
  if (kind === 'file') await writeFile(from, 'other');
  expect(await moveFile(from, to, read)).toBe(false);
  expect(existsSync(to)).toBe(false);
  expect(existsSync(secret)).toBe(true);
});
