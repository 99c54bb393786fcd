import { type FileHandle, link, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { giveToFolderOwner, makeFolder, syncPath } from './folder.js';
import { removeFile } from './optional-file.js';

/** Writes a small file atomically, so that it survives a power failure. */
export async function writeDurably(path: string, content: string): Promise<void> {
  await replace(path, content, { sync: true });
  await syncPath(dirname(path));
}

/** Like `writeDurably`, but fails if the folder is gone. */
export async function addDurably(path: string, content: string): Promise<void> {
  await replace(path, content, { sync: true, inFolder: true });
  await syncPath(dirname(path));
}

/** Like `writeDurably`, but returns false and changes nothing if the file exists: the first of several writers wins. */
export async function createDurably(path: string, content: string): Promise<boolean> {
  const aside = `${path}.${Math.random().toString(36).slice(2)}${TEMPORARY}`;
  await writeDurably(aside, content);
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await removeFile(aside);
  }
  await syncPath(dirname(path));
  return true;
}

/** Writes a small file atomically; a power failure may undo it. */
export function writeWhole(path: string, content: string): Promise<void> {
  return replace(path, content, { sync: false });
}

/** Writes a new file into a folder that nothing reads yet. Syncing both, if needed, is left to the caller. */
export async function writeUnsynced(path: string, content: string | Buffer): Promise<void> {
  await writeFile(path, content, { flag: 'wx', mode: 0o600 });
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
