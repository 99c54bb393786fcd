import { chown, mkdir, open, readdir, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Creates a folder and its parents, readable by their owner only. The `recursive` option of `mkdir` would report a full or
 * read-only disk as ENOENT.
 * @param sync whether the folders survive a power failure, for which their parents are synced
 * @returns false if the folder existed
 */
export async function makeFolder(path: string, { sync = false } = {}, tries = MOST_TRIES): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' || tries === 0) throw error;
    await makeFolder(dirname(path), { sync });
    return makeFolder(path, { sync }, tries - 1);
  }
  await giveToFolderOwner(path);
  if (sync) await syncPath(dirname(path));
  return true;
}

/** Another process may remove the parent meanwhile. Below a dangling link or in `/proc`, each try fails in the same way. */
const MOST_TRIES = 10;

/** Removes a folder with its content, if it exists. Takes half as many calls to the file system as Node's `rm`. */
export async function removeFolder(path: string): Promise<void> {
  try {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inside = join(path, entry.name);
      await (entry.isDirectory() ? removeFolder(inside) : unlink(inside));
    }
    await rmdir(path);
  } catch (error) {
    const { code, path: missing } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && missing === path) return;
    // Another process adds or removes files here, too.
    await rm(path, { recursive: true, force: true });
  }
}

/** Makes the content of a file durable, or the names in a folder. */
export async function syncPath(path: string): Promise<void> {
  await using opened = await open(path, 'r');
  await opened.sync();
}

// In the compose file the worker runs as root and the API does not: the API must be able to read the worker's files.
export async function giveToFolderOwner(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  if (uid !== 0) await chown(path, uid, gid);
}
