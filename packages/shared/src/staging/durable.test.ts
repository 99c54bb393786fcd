import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isThere } from './durable.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('only what is certainly not there counts as not there', async () => {
  const [file, damaged] = [join(folder, 'file'), join(folder, 'damaged')];
  await writeFile(file, '');
  await symlink(damaged, damaged);
  expect(await isThere(file)).toBe(true);
  expect(await isThere(join(folder, 'other'))).toBe(false);
  expect(await isThere(join(file, 'below'))).toBe(false);
  await expect(isThere(damaged)).rejects.toThrow('ELOOP');
});
