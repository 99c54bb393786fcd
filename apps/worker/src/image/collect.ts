import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@pixdock/contract/profile';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import type { RenderedByChild } from './from-child.js';
import { outputFile } from './protocol.js';
import type { Rendered } from './types.js';

type Collected = Omit<Rendered, 'receipt'> & Pick<RenderedByChild, 'receipt'>;

/**
 * Takes what a child rendered into a folder of ours. The child may be under a hostile image's control: only names that the
 * profile has are taken, only plain files of the told format, within the profile's sizes, and as copies that it can no longer
 * change. Sizes and digests are ours.
 * @returns null when the child broke a rule
 * @throws what the machine does
 */
export async function collect(
  { source, variants, placeholder, receipt }: RenderedByChild,
  profile: Profile,
  folder: string,
  outputDir: string,
): Promise<Collected | null> {
  const collected: Rendered['variants'] = {};
  for (const [name, { maxBytes }] of Object.entries(profile.variants)) {
    const told = variants[name];
    if (told === undefined) return null;
    const file = outputFile(name, told.format);
    const bytes = await readPlain(join(folder, file), maxBytes);
    if (bytes === null || detectFormat(bytes.subarray(0, SIGNATURE_BYTES)) !== told.format) return null;
    await writeFile(join(outputDir, file), bytes, { mode: 0o600 });
    const md5 = createHash('md5').update(bytes).digest('hex');
    collected[name] = { ...told, file, bytes: bytes.length, md5 };
  }
  return { source, variants: collected, placeholder, receipt };
}

async function readPlain(path: string, maxBytes: number): Promise<Buffer | null> {
  const file = await openUnfollowed(path);
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.nlink !== 1 || stat.size === 0 || stat.size > maxBytes) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
    return bytesRead === stat.size ? buffer : null;
  } finally {
    await file.close();
  }
}

/** What opening a path answers when it is not there, a link, a socket, or closed to us. */
const NOT_PLAIN = ['ENOENT', 'ELOOP', 'ENXIO', 'EACCES'];

async function openUnfollowed(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NOT_PLAIN.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
