import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_ID } from '@pixdock/contract/ids';
import { z } from 'zod';
import { writeDurably } from './files/durable.js';
import type { StagingLayout } from './files/layout.js';
import { isThere, removeFile } from './files/optional-file.js';

/** Deletions of single images are refreshed before those of whole batches. */
const KINDS = ['single', 'batch'] as const;
export type PurgeKind = (typeof KINDS)[number];

/** URLs of a deleted image. */
export interface Purge {
  path: string;
  urls: string[];
}

/** The URLs of deleted images that wait for a CDN refresh. They are files in staging, so a loss of Redis loses none. */
export interface CachePurges {
  add(id: string, urls: readonly string[], kind: PurgeKind): Promise<void>;
  /** The next purges, with at most `maxUrls` URLs in total, but at least one purge if any waits. */
  next(maxUrls: number): Promise<Purge[]>;
  done(purge: Purge): Promise<void>;
}

type Layout = Pick<StagingLayout, 'purges'>;

export function openCachePurges(layout: Layout): CachePurges {
  return {
    add: (id, urls, kind) => writeDurably(join(layout.purges(kind), `${id}.json`), JSON.stringify(urls)),

    async next(maxUrls) {
      const found: Purge[] = [];
      let urls = 0;
      for await (const path of pathsOf(layout)) {
        const purge = { path, urls: z.array(z.string()).parse(JSON.parse(await readFile(path, 'utf8'))) };
        urls += purge.urls.length;
        if (found.length > 0 && urls > maxUrls) break;
        found.push(purge);
      }
      return found;
    },

    done: ({ path }) => removeFile(path),
  };
}

/** Number of deleted images that wait for a CDN refresh. */
export async function countPurges(layout: Layout): Promise<number> {
  let count = 0;
  for await (const _ of pathsOf(layout)) count++;
  return count;
}

/** Reads no more names than the caller needs: a deleted batch may leave a hundred thousand. */
async function* pathsOf(layout: Layout): AsyncGenerator<string> {
  for (const kind of KINDS) {
    const folder = layout.purges(kind);
    if (!(await isThere(folder))) continue;
    for await (const { name } of await opendir(folder))
      if (IMAGE_ID.test(name.replace(/\.json$/, ''))) yield join(folder, name);
  }
}
