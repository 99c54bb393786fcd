import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { isThere } from '@pixdock/shared/state/files/durable';

/** A file that was read. While it is open, no other file gets its inode. */
export interface PlainFile {
  bytes: Buffer;
  inode: number;
}

/**
 * Moves a file out of a folder that the child controls.
 * @returns false if the child has replaced the file since it was read; a link that it put there is not followed
 */
export async function moveFile(from: string, to: string, { bytes, inode }: PlainFile): Promise<boolean> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !(await isThere(from))) return false;
    if (code !== 'EXDEV') throw error;
    await writeFile(to, bytes, { mode: 0o600 });
    return true;
  }
  const moved = await lstat(to);
  if (moved.isFile() && moved.ino === inode) return true;
  await rm(to, { recursive: true });
  return false;
}
