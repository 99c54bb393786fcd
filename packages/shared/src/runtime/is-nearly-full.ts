import { statfs } from 'node:fs/promises';

/** Whether the disk below a folder has fewer free bytes, or no free inode. */
export async function isNearlyFull(folder: string, minFreeBytes: number): Promise<boolean> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  // Some file systems do not count inodes.
  return bavail * bsize < minFreeBytes || (files > 0 && ffree === 0);
}
