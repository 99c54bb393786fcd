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
export interface CachePurges {
  add(image: Pick<ImageRecord, 'id' | 'owner'>, urls: readonly string[], kind: PurgeKind): Promise<void>;
  /** The next purges, the owners in turn, and those that were refused last. `total`: the number of all that wait. */
  next(most: number): Promise<{ names: string[]; total: number }>;
  /** Null if it is done, or damaged. */
  read(name: string): Promise<Purge | null>;
  done(purge: Purge): Promise<void>;
  /** Puts a purge that the CDN refuses behind all others. */
  setAside(purge: Purge): Promise<void>;
}

export function openCachePurges(notes: Notes): CachePurges {
  const refused = folderOf('refused');
  const write = (folder: string, file: string, urls: readonly string[]) =>
    notes.write(`${folder}/${file}`, JSON.stringify(urls));
  return {
    add: ({ id, owner }, urls, kind) => write(folderOf(kind), `${shortDigest(owner)}${id}.json`, urls),

    async next(most) {
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

    async read(name) {
      const text = await notes.read(name);
      if (text === null) return null;
      const urls = await orUnreadable(async () => z.array(z.string()).parse(JSON.parse(text)));
      return urls === 'unreadable' ? null : { name, urls, isRefused: name.startsWith(refused) };
    },

    done: ({ name }) => notes.remove(name),

    async setAside({ name, urls, isRefused }) {
      if (isRefused) return;
      await write(refused, fileOf(name), urls);
      await notes.remove(name);
    },
  };
}

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
