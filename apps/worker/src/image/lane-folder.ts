import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SOURCE_FILE } from './protocol.js';

/** Makes the folder of a lane, for its child alone. The worker's pid in its name tells later whose it was. */
export async function makeLaneFolder(
  scratchDir: string,
  lane: number,
  identity: number | null,
): Promise<string> {
  const folder = join(scratchDir, `lane-${process.pid}-${lane}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  if (identity !== null) await chown(folder, identity, identity);
  return folder;
}

/**
 * Hands a source to a lane. A hard link costs nothing; it is made readable for the child's identity, which is safe since
 * the staged original lies below a folder that only we can enter.
 */
export async function handOver(sourcePath: string, folder: string, identity: number | null): Promise<void> {
  const path = join(folder, SOURCE_FILE);
  await rm(path, { force: true });
  try {
    if (identity !== null) await chmod(sourcePath, 0o644);
    await link(sourcePath, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    // Another file system, or another owner's file in a container without that right.
    await copyFile(sourcePath, path, constants.COPYFILE_FICLONE);
    if (identity !== null) await chown(path, identity, identity);
  }
}

/** Removes whatever lies in a lane's folder. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Removes the folders of workers that are gone. */
export async function removeLeftovers(scratchDir: string): Promise<void> {
  for (const name of await readdir(scratchDir)) {
    const [, pid] = /^lane-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(scratchDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
