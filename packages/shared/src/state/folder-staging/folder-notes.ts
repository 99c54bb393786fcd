import { opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createDurably, isTemporary, writeDurably } from '../files/durable.js';
import { removeFolder, syncPath } from '../files/folder.js';
import { readIfThere, removeFile } from '../files/optional-file.js';
import type { Notes } from '../notes.js';

/** Notes as files below a folder, which need not exist. */
export function openFolderNotes(root: string): Notes {
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
    create: (name, text) => createDurably(pathOf(name), text),
    async remove(name) {
      if (await removeFile(pathOf(name))) await syncPath(dirname(pathOf(name)));
    },
    list,
    removeAll: (folder) => removeFolder(pathOf(folder)),
  };
}
