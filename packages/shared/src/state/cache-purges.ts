import { z } from 'zod';
import { fromRandom } from '../runtime/from-random.js';
import { shortDigest } from '../runtime/short-digest.js';
import { orUnreadable } from '../runtime/unreadable.js';
import type { ImageRecord } from './images/image-record.js';
import type { Notes } from './notes.js';

/** Deletions of single images are refreshed before those of whole batches. */
const KINDS = ['single', 'batch'] as const;
export type PurgeKind = (typeof KINDS)[number];
/** The notes of a kind. */
const folderOf = (kind: PurgeKind | 'refused') => `purges/${kind}`;

/** URLs of a deleted image. */
export interface Purge {
  /** Its note. */
  name: string;
  urls: string[];
  /** Whether the CDN refused it alone. */
  isRefused: boolean;
}

/** The URLs of deleted images that wait for a CDN refresh. They are notes in staging, so a loss of Redis loses none. */
export function openCachePurges(notes: Notes) {
  const refused = folderOf('refused');
  const write = (folder: string, file: string, urls: readonly string[]) =>
    notes.write(`${folder}/${file}`, JSON.stringify(urls));
  return {
    add: ({ id, owner }: Pick<ImageRecord, 'id' | 'owner'>, urls: readonly string[], kind: PurgeKind) =>
      write(folderOf(kind), `${shortDigest(owner)}${id}.json`, urls),

    /** The next purges, the owners in turn, and those that were refused last. `total`: the number of all that wait. */
    async next(most: number): Promise<{ names: string[]; total: number }> {
      const byOwner = new Map<string, string[]>();
      let total = 0;
      // A deleted batch may leave a hundred thousand.
      for (const kind of KINDS)
        for await (const name of notes.list(folderOf(kind))) {
          total++;
          const owner = fileOf(name).slice(0, OWNER_LENGTH);
          const names = byOwner.get(owner) ?? [];
          byOwner.set(owner, names);
          if (names.length < most) names.push(name);
        }
      const last: string[] = [];
      for await (const name of notes.list(refused)) last.push(name);
      const first = inTurn(fromRandom([...byOwner.values()])).take(most);
      return { names: [...first, ...fromRandom(last)].slice(0, most), total: total + last.length };
    },

    /** Null if it is done. */
    async read(name: string): Promise<Purge | 'unreadable' | null> {
      const text = await notes.read(name);
      if (text === null) return null;
      const urls = await orUnreadable(async () => z.array(z.string()).parse(JSON.parse(text)));
      return urls === 'unreadable' ? urls : { name, urls, isRefused: name.startsWith(refused) };
    },

    /** Removes the note of a purge, which is done or damaged. */
    remove: (name: string) => notes.remove(name),

    /** Puts a purge that the CDN refuses behind all others. */
    async setAside({ name, urls, isRefused }: Purge): Promise<void> {
      if (isRefused) return;
      await write(refused, fileOf(name), urls);
      await notes.remove(name);
    },
  };
}

export type CachePurges = ReturnType<typeof openCachePurges>;

const fileOf = (name: string) => name.slice(name.lastIndexOf('/') + 1);

/** Of `shortDigest`. */
const OWNER_LENGTH = 22;

/** The first of each list, then the second of each, and so on. */
function* inTurn(lists: readonly string[][]): Generator<string> {
  const longest = lists.reduce((length, list) => Math.max(length, list.length), 0);
  for (let i = 0; i < longest; i++)
    for (const list of lists) {
      const item = list[i];
      if (item !== undefined) yield item;
    }
}
