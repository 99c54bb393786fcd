import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Whether a file has this size and digest (hex); false if it does not exist. */
export async function isWhole(
  path: string,
  { bytes, sha256 }: { bytes: number | null; sha256: string | null },
): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    // A file of another size need not be read.
    return (await file.stat()).size === bytes && (await digestOf(file, bytes)) === sha256;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** A read costs as much as the digest of some 50 KiB. */
const CHUNK_BYTES = 1024 * 1024;

async function digestOf(file: FileHandle, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafeSlow(Math.min(bytes, CHUNK_BYTES));
  for (let remaining = bytes; remaining > 0; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    remaining -= bytesRead;
  }
  return hash.digest('hex');
}
