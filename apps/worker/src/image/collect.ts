import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@pixdock/shared/contract/profile';
import type { ChildRendered } from './protocol.js';
import { outputFile } from './render.js';
import type { Rendered } from './types.js';

/**
 * Takes what a child rendered into a folder of ours. The child may be under a hostile image's control: only names that the
 * profile has are taken, only plain files, within the profile's sizes, and as copies that it can no longer change. Sizes and
 * digests are ours.
 * @throws when the child broke a rule
 */
export async function collect(
  { source, variants, placeholder, receipt }: ChildRendered,
  profile: Profile,
  folder: string,
  outputDir: string,
): Promise<Rendered> {
  const collected: Rendered['variants'] = {};
  for (const [name, { maxBytes }] of Object.entries(profile.variants)) {
    const told = variants[name];
    if (told === undefined) throw new Error(`variant ${name} was not rendered`);
    const file = outputFile(name, told.format);
    const bytes = await readPlain(join(folder, file), maxBytes);
    await writeFile(join(outputDir, file), bytes, { mode: 0o600 });
    const md5 = createHash('md5').update(bytes).digest('hex');
    collected[name] = { ...told, file, bytes: bytes.length, md5 };
  }
  return { source, variants: collected, placeholder, receipt };
}

async function readPlain(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size === 0 || stat.size > maxBytes) throw new Error('not an output of ours');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
