import type { Dirent } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { isTemporary } from './durable.js';
import type { StagingLayout } from './layout.js';

/** Ids of all batches. */
export async function* batchIds({ batches }: StagingLayout): AsyncGenerator<string> {
  for (const shard of await list(batches)) {
    const names = await list(join(batches, shard.name));
    const ids = new Set(names.map(({ name }) => name.replace(/\.json$/, '')));
    for (const id of ids) if (BATCH_ID.test(id)) yield id;
  }
}

/** Ids of images that have a submission, a source or rendered variants in staging. */
export async function* liveIds({ live }: StagingLayout): AsyncGenerator<string> {
  yield* sharded(live);
}

/** Ids of all images with an entry in staging, each once. */
export async function* stagedIds(layout: StagingLayout): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const id of liveIds(layout)) {
    seen.add(id);
    yield id;
  }
  for await (const id of outcomeIds(layout)) if (!seen.has(id)) yield id;
}

/** Ids of all images with an outcome. */
export async function* outcomeIds({ outcomes }: Pick<StagingLayout, 'outcomes'>): AsyncGenerator<string> {
  yield* sharded(outcomes);
}

/** Ids of all requested deletions that are not done. */
export async function* deletionIds({ deletions }: StagingLayout): AsyncGenerator<string> {
  yield* sharded(deletions);
}

/** Folders of uploads and batches that are being received. */
export async function* arrivals({ incoming }: StagingLayout): AsyncGenerator<string> {
  for (const { name } of await list(incoming)) yield join(incoming, name);
}

/** The folders of resumable uploads and the files of finished ones, also those that are being removed. */
export async function* uploadPaths({ uploads }: StagingLayout): AsyncGenerator<string> {
  for (const shard of await list(uploads))
    for (const { name } of await list(join(uploads, shard.name))) yield join(uploads, shard.name, name);
}

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

/** Unfinished files of entries: a process is writing them, or died while it did. */
export async function* unfinishedEntries({
  outcomes,
  deletions,
  batches,
}: StagingLayout): AsyncGenerator<string> {
  for (const root of [outcomes, deletions, batches])
    for (const shard of await list(root))
      for (const { name } of await list(join(root, shard.name)))
        if (isTemporary(name)) yield join(root, shard.name, name);
}

/**
 * Whether nothing was written to a file, or below a folder, for `idleMs`, also by the clock that dates the files: a file server has its own, and
 * that of this host may be wrong.
 */
export async function isIdle({ clock }: StagingLayout, path: string, idleMs: number): Promise<boolean> {
  // Few are, and that clock costs a write.
  if (await isTouched(path, Date.now() - idleMs)) return false;
  return !(await isTouched(path, (await fileTimeMs(clock)) - idleMs));
}

/** The present time by which files are dated. A disk without space does not say it. */
async function fileTimeMs(path: string): Promise<number> {
  try {
    await writeFile(path, '.');
    return (await stat(path)).mtimeMs;
  } catch {
    return Date.now();
  }
}

async function* sharded(root: string): AsyncGenerator<string> {
  for (const shard of await list(root))
    for (const { name } of await list(join(root, shard.name))) {
      const id = name.replace(/\.json$/, '');
      if (IMAGE_ID.test(id)) yield id;
    }
}

/** Whether anything at or below a path was written since then. A folder's own time changes only with its names. */
async function isTouched(path: string, sinceMs: number): Promise<boolean> {
  if ((await modifiedAt(path)) > sinceMs) return true;
  for (const { name } of await list(path)) if (await isTouched(join(path, name), sinceMs)) return true;
  return false;
}

/** In ms; 0 if there is no such file. */
export const modifiedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** The entries of a folder; none if it does not exist. */
export async function list(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
