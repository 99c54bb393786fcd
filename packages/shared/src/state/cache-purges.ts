import { z } from 'zod';
import type { Notes } from './notes.js';

/** Deletions of single images are refreshed before those of whole batches. */
const KINDS = ['single', 'batch'] as const;
export type PurgeKind = (typeof KINDS)[number];
/** The notes of a kind. */
const folderOf = (kind: PurgeKind) => `purges/${kind}`;

/** URLs of a deleted image. */
export interface Purge {
  /** Its note. */
  name: string;
  urls: string[];
}

/** The URLs of deleted images that wait for a CDN refresh. They are notes in staging, so a loss of Redis loses none. */
export interface CachePurges {
  add(id: string, urls: readonly string[], kind: PurgeKind): Promise<void>;
  /** The next purges, with at most `maxUrls` URLs in total, but at least one purge if any waits. */
  next(maxUrls: number): Promise<Purge[]>;
  done(purge: Purge): Promise<void>;
}

export function openCachePurges(notes: Notes): CachePurges {
  return {
    add: (id, urls, kind) => notes.write(`${folderOf(kind)}/${id}.json`, JSON.stringify(urls)),

    async next(maxUrls) {
      const found: Purge[] = [];
      let urls = 0;
      for await (const name of namesOf(notes)) {
        const text = await notes.read(name);
        if (text === null) continue;
        const purge = { name, urls: z.array(z.string()).parse(JSON.parse(text)) };
        urls += purge.urls.length;
        if (found.length > 0 && urls > maxUrls) break;
        found.push(purge);
      }
      return found;
    },

    done: ({ name }) => notes.remove(name),
  };
}

/** Number of deleted images that wait for a CDN refresh. */
export async function countPurges(notes: Notes): Promise<number> {
  let count = 0;
  for await (const _ of namesOf(notes)) count++;
  return count;
}

/** A deleted batch may leave a hundred thousand. */
async function* namesOf(notes: Notes): AsyncGenerator<string> {
  for (const kind of KINDS) yield* notes.list(folderOf(kind));
}
