import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile, Variant } from '@pixdock/contract/profile';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import type { RenderedByChild } from './from-child.js';
import { outputFile } from './protocol.js';
import type { Rendered } from './types.js';

type Collected = Omit<Rendered, 'receipt'> & Pick<RenderedByChild, 'receipt'>;

interface Collection {
  collected: Collected;
  /** The checked bytes. */
  bodies: Map<string, Buffer>;
}

/**
 * Reads the child's outputs. A hostile image may control the child, so accept only the profile's names and
 * sizes and only plain files of the reported format, and compute sizes and digests from the bytes that were read.
 * @returns null when the child broke a rule
 * @throws system errors
 */
export async function collect(
  { source, variants, placeholder, receipt }: RenderedByChild,
  profile: Profile,
  folder: string,
): Promise<Collection | null> {
  const collectVariant = async ([name, { maxBytes }]: [string, Variant]) => {
    const reported = variants[name];
    if (reported === undefined) return null;
    const file = outputFile(name, reported.format);
    const body = await readPlainFile(join(folder, file), maxBytes);
    if (body === null || detectFormat(body.subarray(0, SIGNATURE_BYTES)) !== reported.format) return null;
    const md5 = createHash('md5').update(body).digest('hex');
    return { name, variant: { ...reported, file, bytes: body.length, md5 }, body };
  };
  // Together: the lane has no other image meanwhile, and in a busy worker each call to the file system waits for many others.
  const all = await Promise.all(Object.entries(profile.variants).map(collectVariant));
  const valid = all.filter((one) => one !== null);
  if (valid.length < all.length) return null;
  const collected = Object.fromEntries(valid.map(({ name, variant }) => [name, variant]));
  const bodies = new Map(valid.map(({ name, body }) => [name, body]));
  return { collected: { source, variants: collected, placeholder, receipt }, bodies };
}

async function readPlainFile(path: string, maxBytes: number): Promise<Buffer | null> {
  await using file = await openNoFollow(path);
  if (file === null) return null;
  const stat = await file.stat();
  if (!stat.isFile() || stat.nlink !== 1 || stat.size === 0 || stat.size > maxBytes) return null;
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(stat.size), 0, stat.size, 0);
  return bytesRead === stat.size ? buffer : null;
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
