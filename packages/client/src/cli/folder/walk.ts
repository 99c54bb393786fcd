import { readdir, stat } from 'node:fs/promises';
import { isFileError, orBrokenLink } from '../file-error.js';
import type { Shell } from '../shell.js';
import { namesOf } from './names.js';

const IMAGE = /\.(?:jpe?g|jpe|jfif|png|webp|gif|avif|tiff?|hei[cf])$/i;
const SLASH = Buffer.from('/');

export interface FoundFile {
  /** Relative to the folder, separated by `/`. */
  path: string;
  /** As bytes, because a name may not be UTF-8. */
  absolute: Buffer;
  size: number;
  mtimeMs: number;
}

export interface Walk {
  files: FoundFile[];
  /** Paths of files without an image extension. */
  others: string[];
  hidden: number;
  /** Unreadable files and folders with their errors. */
  unreadable: { path: string; error: Error }[];
}

/** Finds images in a folder and its subfolders by extension. Follows links, but visits no folder twice. */
export async function walk(root: Buffer, { signal, say }: Pick<Shell, 'signal' | 'say'>): Promise<Walk> {
  const found: Walk = { files: [], others: [], hidden: 0, unreadable: [] };
  const visited = new Set<string>();
  await visit(root, '');
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;

  async function visit(absolute: Buffer, path: string): Promise<void> {
    signal.throwIfAborted();
    try {
      const stats = await stat(absolute);
      if (stats.isFile()) {
        if (IMAGE.test(path)) found.files.push({ path, absolute, size: stats.size, mtimeMs: stats.mtimeMs });
        else found.others.push(path);
      } else if (stats.isDirectory()) {
        // Two 64-bit inodes may round to the same number.
        const { dev, ino } = await stat(absolute, { bigint: true });
        const identity = `${dev}:${ino}`;
        if (visited.has(identity)) return;
        visited.add(identity);
        await enter(absolute, path);
      }
    } catch (reason) {
      const error = await orBrokenLink(absolute, reason, say);
      if (path === '' || !isFileError(error)) throw error;
      found.unreadable.push({ path, error });
    }
  }

  async function enter(absolute: Buffer, path: string): Promise<void> {
    const all = await readdir(absolute, { encoding: 'buffer' });
    const names = namesOf(all);
    for (const [at, bytes] of all.entries()) {
      const name = names[at] ?? '';
      if (name.startsWith('.')) found.hidden++;
      else await visit(Buffer.concat([absolute, SLASH, bytes]), path === '' ? name : `${path}/${name}`);
    }
  }
}
