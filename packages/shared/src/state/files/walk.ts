import type { Dirent } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { isFileTrouble } from '../../runtime/file-trouble.js';
import { isTemporary } from './durable.js';
import type { StagingLayout } from './layout.js';
import type { OwnerLookup } from './owner-index.js';

/** Ids of all batches. */
export async function* batchIds({ batches }: StagingLayout): AsyncGenerator<string> {
  for (const shard of await list(batches))
    for (const { name } of await list(join(batches, shard.name))) if (BATCH_ID.test(name)) yield name;
}

/** Ids of images whose source, or what was rendered from it, is still here. */
export async function* liveIds({ live }: StagingLayout): AsyncGenerator<string> {
  yield* sharded(live);
}

/** Ids of all images that staging has an account of, each once. */
export async function* stagedIds(layout: StagingLayout): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const id of liveIds(layout)) {
    seen.add(id);
    yield id;
  }
  for await (const id of sharded(layout.outcomes)) if (!seen.has(id)) yield id;
}

/** Ids of all deletions asked for and not done. */
export async function* deletionIds({ deletions }: StagingLayout): AsyncGenerator<string> {
  yield* sharded(deletions);
}

/**
 * Bytes that images under way take, which go as these are published; and bytes that stay whatever becomes of those: uploads
 * that come in, submissions, what batches are made of, and what a failed image keeps for `retry`.
 * @returns `byOwner`: those of `underWay` whose owner is known
 */
export async function bytesStaged(
  layout: StagingLayout,
  owners: OwnerLookup,
): Promise<{ underWay: number; kept: number; byOwner: ReadonlyMap<string, number> }> {
  const byOwner = new Map<string, number>();
  // The owner of an item is that of its batch.
  for await (const id of batchIds(layout)) await owners.ofBatch(id);
  const seen = new Set<number>();
  // First, so that a file of a batch that an image only links counts as the batch's.
  let kept = (await bytesBelow(layout.incoming, seen)) + (await bytesBelow(layout.batches, seen));
  let underWay = 0;
  for await (const id of liveIds(layout)) {
    const submission = await bytesOf(layout.submission(id));
    const bytes = await bytesBelow(layout.image(id), seen);
    // An item, which has no submission, keeps nothing of its own.
    const hasEnded = submission > 0 && (await bytesOf(layout.outcome(id))) > 0;
    kept += hasEnded ? bytes : submission;
    const going = hasEnded ? 0 : Math.max(0, bytes - submission);
    underWay += going;
    const owner = going === 0 ? null : await owners.ofImage(id);
    if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + going);
  }
  return { underWay, kept, byOwner };
}

/**
 * Bytes of what counts against STAGING_MAX_BYTES.
 * @param without ids of images and batches that are passed over
 */
export async function bytesTaken(
  { incoming, live, batches }: StagingLayout,
  without?: ReadonlySet<string>,
): Promise<number> {
  const seen = new Set<number>();
  let sum = 0;
  for (const folder of [incoming, live, batches]) sum += await bytesBelow(folder, seen, without);
  return sum;
}

/** What counts against STAGING_MAX_BYTES, and how much of it each owner's images and batches take. */
export interface StagedBytes {
  total: number;
  byOwner: ReadonlyMap<string, number>;
}

/**
 * As `bytesTaken`, by owner. Uploads in progress, and files whose owner is unknown, count in the total only.
 * @param without ids of images and batches to skip
 */
export async function bytesByOwner(
  { incoming, live, batches }: StagingLayout,
  without: ReadonlySet<string>,
  owners: OwnerLookup,
): Promise<StagedBytes> {
  const seen = new Set<number>();
  const byOwner = new Map<string, number>();
  let total = await bytesBelow(incoming, seen, without);
  // Batches first: the owner of an item is that of its batch, and a file that an item only links counts as the batch's.
  await addEach(batches, (id) => owners.ofBatch(id));
  await addEach(live, (id) => owners.ofImage(id));
  return { total, byOwner };

  async function addEach(root: string, ownerOf: (id: string) => Promise<string | null>): Promise<void> {
    for (const shard of await list(root).catch(noneIfDamaged)) {
      const path = join(root, shard.name);
      if (!shard.isDirectory()) total += await bytesOf(path, seen);
      for (const entry of await list(path).catch(noneIfDamaged)) {
        const { name } = entry;
        if (without.has(name)) continue;
        const at = join(path, name);
        const bytes = entry.isDirectory() ? await bytesBelow(at, seen, without) : await bytesOf(at, seen);
        total += bytes;
        const owner = bytes === 0 ? null : await ownerOf(name);
        if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
      }
    }
  }
}

/**
 * Bytes of every file below a folder, each of several links to one file once; what vanishes meanwhile, or cannot be
 * read, counts nothing.
 * @param without names of folders that are passed over, wherever they are
 */
export async function bytesBelow(
  folder: string,
  seen = new Set<number>(),
  without: ReadonlySet<string> = new Set(),
): Promise<number> {
  let sum = 0;
  for (const entry of await list(folder).catch(noneIfDamaged)) {
    if (without.has(entry.name)) continue;
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? await bytesBelow(path, seen, without) : await bytesOf(path, seen);
  }
  return sum;
}

function noneIfDamaged(error: unknown): Dirent[] {
  if (isFileTrouble(error)) return [];
  throw error;
}

async function bytesOf(path: string, seen?: Set<number>): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || seen?.has(found.ino)) return 0;
  if (found.nlink > 1) seen?.add(found.ino);
  return found.size;
}

/** Folders of uploads and batches on their way. */
export async function* arrivals({ incoming }: StagingLayout): AsyncGenerator<string> {
  for (const { name } of await list(incoming)) yield join(incoming, name);
}

/**
 * Removes the folder of an abandoned upload or batch; false when it was not there any more. At once, by its name: whoever
 * comes back to it after all can then commit nothing, and not a part of it.
 */
export async function removeArrival(folder: string): Promise<boolean> {
  // A server that dies in the middle leaves this one, which is found as idle again.
  const aside = `${folder}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
  return true;
}

/** Files of accounts that are being written, or were by a process that has died. */
export async function* unfinishedAccounts({ outcomes, deletions }: StagingLayout): AsyncGenerator<string> {
  for (const root of [outcomes, deletions])
    for (const shard of await list(root))
      for (const { name } of await list(join(root, shard.name)))
        if (isTemporary(name)) yield join(root, shard.name, name);
}

/** Whether nothing was written to a file, or to anything in a folder, for `idleMs`. */
export async function isIdle(path: string, idleMs: number): Promise<boolean> {
  return !(await isTouched(path, Date.now() - idleMs));
}

async function* sharded(root: string): AsyncGenerator<string> {
  for (const shard of await list(root))
    for (const { name } of await list(join(root, shard.name))) {
      const id = name.replace(/\.json$/, '');
      if (IMAGE_ID.test(id)) yield id;
    }
}

/** Whether anything below was written to since then; a folder's own time tells only of new names. */
async function isTouched(path: string, sinceMs: number): Promise<boolean> {
  if ((await modifiedAt(path)) > sinceMs) return true;
  for (const { name } of await list(path)) if (await isTouched(join(path, name), sinceMs)) return true;
  return false;
}

const modifiedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

async function list(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
