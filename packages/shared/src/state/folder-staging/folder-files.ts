import { opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addDurably, createDurably, isTemporary, writeDurably, writeWhole } from '../files/durable.js';
import { removeFolder, syncPath } from '../files/folder.js';
import { isThere, namesIn, readIfThere, removeFile } from '../files/optional-file.js';
import type { StagedFiles } from '../staged/staged-files.js';
import { bytesBelow } from './staged-bytes.js';
import { isIdle, modifiedAt } from './walk.js';

/** The files below a folder, which need not exist. */
export function openFolderFiles(root: string): StagedFiles {
  const pathOf = (name: string) => join(root, name);

  async function* list(folder: string): AsyncGenerator<string> {
    const opened = await opendir(pathOf(folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for await (const entry of opened) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* list(name);
      else if (!isTemporary(name)) yield name;
    }
  }

  return {
    read: (name) => readIfThere(pathOf(name)),
    write: (name, text) => writeDurably(pathOf(name), text),
    writeUnsynced: (name, text) => writeWhole(pathOf(name), text),
    create: (name, text) => createDurably(pathOf(name), text),
    add: (name, text) =>
      addDurably(pathOf(name), text).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false;
          throw error;
        },
      ),
    async remove(name) {
      if (await removeFile(pathOf(name))) await syncPath(dirname(pathOf(name)));
    },
    // What is refused is removed at once.
    async adopt() {},
    // Each text has replaced the one before.
    async removeOlder() {},
    removeUnsynced: async (name) => void (await removeFile(pathOf(name))),
    list,
    removeAll: (folder) => removeFolder(pathOf(folder)),
    has: (name) => isThere(pathOf(name)),
    writtenAt: (name) => modifiedAt(pathOf(name)),
    isIdle: (name, ms) => isIdle(root, pathOf(name), ms),
    namesIn: async (folder, beginning = '') =>
      (await namesIn(pathOf(folder))).filter((name) => name.startsWith(beginning)),
    bytesBelow: (folder) => bytesBelow(pathOf(folder)),
  };
}
