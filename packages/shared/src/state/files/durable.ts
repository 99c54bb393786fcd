import { once } from 'node:events';
import {
  access,
  chown,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';

/** Writes a small file atomically, so that it survives a power failure. */
export async function writeDurably(path: string, content: string): Promise<void> {
  await replace(path, content, { sync: true });
  await syncDirectory(dirname(path));
}

/** Like `writeDurably`, but fails if the folder is gone. */
export async function addDurably(path: string, content: string): Promise<void> {
  await replace(path, content, { sync: true, inFolder: true });
  await syncDirectory(dirname(path));
}

/** Writes a small file atomically; a power failure may undo it. */
export function writeWhole(path: string, content: string): Promise<void> {
  return replace(path, content, { sync: false });
}

/** Writes a file into a folder that is not read until it moves. The caller then syncs the folder. */
export async function writeSynced(path: string, content: string): Promise<void> {
  const file = await openIn(path);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await giveToFolderOwner(path);
}

const TEMPORARY = '.tmp';

/** Whether this is the name of an unfinished file. */
export const isTemporary = (name: string) => name.endsWith(TEMPORARY);

interface Replacing {
  sync: boolean;
  /** Whether the folder must exist. */
  inFolder?: boolean;
}

async function replace(path: string, content: string, { sync, inFolder = false }: Replacing): Promise<void> {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}${TEMPORARY}`;
  const file = await (inFolder ? openIn(temporary) : openNew(temporary, sync));
  try {
    try {
      await file.writeFile(content);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await giveToFolderOwner(temporary);
    await rename(temporary, path);
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}

// The folder exists in most cases.
async function openNew(path: string, sync: boolean): Promise<FileHandle> {
  try {
    return await openIn(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeFolder(dirname(path), { sync });
    return openIn(path);
  }
}

const openIn = (path: string) => open(path, 'wx', 0o600);

/** Writes bytes to a file. A call throws the errors of earlier writes. */
export function openWriter(stream: Writable) {
  let broken: Error | null = null;
  stream.on('error', (error) => {
    broken = error;
  });
  return {
    async write(chunk: Buffer): Promise<void> {
      if (broken !== null) throw broken;
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    /** Resolves when the file is complete and closed. */
    async end(): Promise<void> {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
      if (broken !== null) throw broken;
    },
    abandon: () => abandon(stream),
  };
}

/** Closes an unwanted file, and ignores pending writes and errors. */
export function abandon(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.on('error', () => {});
    stream.once('close', resolve);
    stream.destroy();
  });
}

/**
 * Creates a folder and its parents, readable by their owner only. The `recursive` option of `mkdir` would report a full or
 * read-only disk as ENOENT.
 * @param sync whether the folders survive a power failure, for which their parents are synced
 * @returns false if the folder existed
 */
export async function makeFolder(path: string, { sync = false } = {}): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT') throw error;
    await makeFolder(dirname(path), { sync });
    return makeFolder(path, { sync });
  }
  await giveToFolderOwner(path);
  if (sync) await syncDirectory(dirname(path));
  return true;
}

/** Removes a file, if it exists. Takes half as many calls to the file system as Node's `rm`. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

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

// In the compose file the worker runs as root and the API does not: the API must be able to read the worker's files.
async function giveToFolderOwner(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  if (uid !== 0) await chown(path, uid, gid);
}

/** Makes renames and new names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** @throws an error other than a missing file: a disk that does not respond has not lost the file */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );
}

/** Null if the file does not exist. */
export async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
