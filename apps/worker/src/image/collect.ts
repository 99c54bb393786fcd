import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@pixdock/contract/profile';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import type { RenderedByChild } from './from-child.js';
import { moveFile, type PlainFile } from './move-file.js';
import { outputFile } from './protocol.js';
import type { Rendered } from './types.js';

type Collected = Omit<Rendered, 'receipt'> & Pick<RenderedByChild, 'receipt'>;

interface Collection {
  collected: Collected;
  /** The checked bytes. The child may still change a file that it has open, so only these are published. */
  bodies: Map<string, Buffer>;
}

/**
 * Reads the child's outputs and moves them to `outputDir`. A hostile image may control the child, so accept only the profile's
 * names and sizes and only plain files of the reported format, and compute sizes and digests from the bytes.
 * @returns null when the child broke a rule
 * @throws system errors
 */
export async function collect(
  { source, variants, placeholder, receipt }: RenderedByChild,
  profile: Profile,
  folder: string,
  outputDir: string,
): Promise<Collection | null> {
  const collected: Rendered['variants'] = {};
  const bodies = new Map<string, Buffer>();
  for (const [name, { maxBytes }] of Object.entries(profile.variants)) {
    const reported = variants[name];
    if (reported === undefined) return null;
    const file = outputFile(name, reported.format);
    const path = join(folder, file);
    await using opened = await openNoFollow(path);
    const found = opened === null ? null : await readPlainFile(opened, maxBytes);
    if (found === null) return null;
    const { bytes } = found;
    if (detectFormat(bytes.subarray(0, SIGNATURE_BYTES)) !== reported.format) return null;
    if (!(await moveFile(path, join(outputDir, file), found))) return null;
    const md5 = createHash('md5').update(bytes).digest('hex');
    collected[name] = { ...reported, file, bytes: bytes.length, md5 };
    bodies.set(name, bytes);
  }
  return { collected: { source, variants: collected, placeholder, receipt }, bodies };
}

async function readPlainFile(file: FileHandle, maxBytes: number): Promise<PlainFile | null> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.nlink !== 1 || stat.size === 0 || stat.size > maxBytes) return null;
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(stat.size), 0, stat.size, 0);
  return bytesRead === stat.size ? { bytes: buffer, inode: stat.ino } : null;
}

/** Error codes for a missing file, a symlink, a socket and a file without read permission. */
const NOT_A_PLAIN_FILE = ['ENOENT', 'ELOOP', 'ENXIO', 'EACCES'];

async function openNoFollow(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NOT_A_PLAIN_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
