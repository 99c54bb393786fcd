import type { Dirent } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { isTemporary } from '../files/durable.js';
import { readIfThere, removeFile } from '../files/optional-file.js';
import type { StagingLayout } from './layout.js';

/** Something in staging that its process may have abandoned. */
export interface Leftover {
  name: string;
  /** Whether nothing was written to it for `ms`. */
  isIdle(ms: number): Promise<boolean>;
  /** False if it is gone. */
  remove(): Promise<boolean>;
}

/** The outcome of an image, found in a list. */
export interface ListedOutcome {
  id: string;
  /** When it was written, in ms; null if it is gone. */
  writtenAt: () => Promise<number | null>;
  /** Its text; null if it is gone. */
  read: () => Promise<string | null>;
}

/** Lists of what is in staging. */
export interface StagedLists {
  /** Ids of images that have a submission, a source or rendered variants. */
  live(): AsyncGenerator<string>;
  /** @param part the first hexadecimal digit of the ids, by default any */
  outcomes(part?: string): AsyncGenerator<ListedOutcome>;
  /** Ids of images whose deletion is requested and not done. */
  deletions(): AsyncGenerator<string>;
  /** Images and batches that are being received. */
  arrivals(): AsyncGenerator<Leftover>;
  /** Unfinished files of entries: a process is writing them, or died while it did. */
  unfinishedEntries(): AsyncGenerator<Leftover>;
}

export function openLists(layout: StagingLayout): StagedLists {
  return {
    live: () => imageIds(layout.live),
    async *outcomes(part) {
      for await (const id of imageIds(layout.outcomes, part)) {
        const path = layout.outcome(id);
        yield { id, writtenAt: () => modifiedAt(path), read: () => readIfThere(path) };
      }
    },
    deletions: () => imageIds(layout.deletions),
    async *arrivals() {
      for (const { name } of await list(layout.incoming))
        yield leftoverAt(layout, join(layout.incoming, name));
    },
    async *unfinishedEntries() {
      for (const root of [layout.outcomes, layout.deletions, layout.batches])
        for await (const path of sharded(root))
          if (isTemporary(path)) yield leftoverAt(layout, path, removeFile);
    },
  };
}

/** The images in the shards of a folder, or in those whose names begin with `part`. */
export async function* imageIds(root: string, part = ''): AsyncGenerator<string> {
  const shards = (await list(root)).filter(({ name }) => name.startsWith(part));
  for (const shard of shards)
    for (const { name } of await list(join(root, shard.name))) {
      const id = name.replace(/\.json$/, '');
      if (IMAGE_ID.test(id)) yield id;
    }
}

/** Ids of all batches. */
export async function* batchIds({ batches }: StagingLayout): AsyncGenerator<string> {
  for (const shard of await list(batches)) {
    const names = await list(join(batches, shard.name));
    const ids = new Set(names.map(({ name }) => name.replace(/\.json$/, '')));
    for (const id of ids) if (BATCH_ID.test(id)) yield id;
  }
}

/** What is in the shards of a folder. */
export async function* sharded(root: string): AsyncGenerator<string> {
  for (const shard of await list(root))
    for (const { name } of await list(join(root, shard.name))) yield join(root, shard.name, name);
}

export const leftoverAt = (layout: StagingLayout, path: string, remove = removeArrival): Leftover => ({
  name: basename(path),
  isIdle: (ms) => isIdle(layout.root, path, ms),
  remove: () => remove(path),
});

/**
 * Removes the folder of an abandoned upload or batch, or the file of a finished upload; false if it is gone. Renames it first: a request that resumes can then
 * commit nothing, rather than a part.
 */
export async function removeArrival(path: string): Promise<boolean> {
  // If the process dies here, the next sweep finds this folder idle.
  const aside = `${path}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
  return true;
}

/**
 * Whether nothing was written to a file, or below a folder, for `idleMs`, also by the clock that dates the files: a file server has its own, and
 * that of this host may be wrong.
 */
export async function isIdle(root: string, path: string, idleMs: number): Promise<boolean> {
  // Few are, and that clock costs a write.
  if (await isTouched(path, Date.now() - idleMs)) return false;
  return !(await isTouched(path, (await fileTimeMs(join(root, CLOCK))) - idleMs));
}

/** A file that is written to learn the time by which files are dated. */
export const CLOCK = 'clock';

/** The present time by which files are dated. A disk without space does not say it. */
async function fileTimeMs(path: string): Promise<number> {
  try {
    await writeFile(path, '.');
    return (await stat(path)).mtimeMs;
  } catch {
    return Date.now();
  }
}

/** Whether anything at or below a path was written since then. A folder's own time changes only with its names. */
async function isTouched(path: string, sinceMs: number): Promise<boolean> {
  if (((await modifiedAt(path)) ?? 0) > sinceMs) return true;
  for (const { name } of await list(path)) if (await isTouched(join(path, name), sinceMs)) return true;
  return false;
}

/** In ms; null if there is no such file. */
export const modifiedAt = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

/** The entries of a folder; none if it does not exist. */
export async function list(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
