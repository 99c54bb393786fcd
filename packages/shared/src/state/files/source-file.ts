import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Whether a file has this size and digest (hex); false if it does not exist. */
export async function isWhole(
  path: string,
  { bytes, sha256 }: { bytes: number | null; sha256: string | null },
): Promise<boolean> {
  try {
    // A file of another size need not be read.
    return (await stat(path)).size === bytes && (await digestOf(path)) === sha256;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
