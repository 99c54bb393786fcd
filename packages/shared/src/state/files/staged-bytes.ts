import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isFileError } from '../../runtime/file-errors.js';
import type { StagingLayout } from './layout.js';
import type { OwnerLookup } from './owner-index.js';
import type { Pace } from './reservations.js';
import { batchIds, list, liveIds } from './walk.js';

/**
 * Counts the bytes of images in progress (`underWay`), which are removed at publication, and those that stay longer (`kept`):
 * uploads in progress, resumable uploads, submissions, batch files, and the sources of failed images.
 * @param pace called for each image
 * @returns `byOwner`: the part of `underWay` whose owner is known
 */
export async function bytesStaged(
  layout: StagingLayout,
  owners: OwnerLookup,
  pace: Pace = atFullSpeed,
): Promise<{ underWay: number; kept: number; byOwner: ReadonlyMap<string, number> }> {
  const byOwner = new Map<string, number>();
  // Batches first: items have the owner of their batch.
  for await (const id of batchIds(layout)) await owners.ofBatch(id);
  const seen = new Set<number>();
  let kept = 0;
  // Before the images: a batch file that an item links counts for the batch.
  for (const folder of [layout.incoming, layout.uploads, layout.batches])
    kept += await bytesBelow(folder, seen);
  let underWay = 0;
  for await (const id of liveIds(layout)) {
    await pace();
    const submission = await bytesOf(layout.submission(id));
    const bytes = await bytesBelow(layout.image(id), seen);
    // An item has no submission, and keeps no file.
    const hasEnded = submission > 0 && (await bytesOf(layout.outcome(id))) > 0;
    kept += hasEnded ? bytes : submission;
    const ownUnderWay = hasEnded ? 0 : Math.max(0, bytes - submission);
    underWay += ownUnderWay;
    const owner = ownUnderWay === 0 ? null : await owners.ofImage(id);
    if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + ownUnderWay);
  }
  return { underWay, kept, byOwner };
}

/**
 * The bytes that count against STAGING_MAX_BYTES.
 * @param without ids of images and batches to skip
 */
export async function bytesUsed(
  { incoming, uploads, live, batches }: StagingLayout,
  without?: ReadonlySet<string>,
): Promise<number> {
  const seen = new Set<number>();
  let sum = 0;
  for (const folder of [incoming, uploads, live, batches]) sum += await bytesBelow(folder, seen, without);
  return sum;
}

/** The bytes that count against STAGING_MAX_BYTES, in total, by use, and for each owner's images and batches. */
export interface StagedBytes {
  total: number;
  byUse: { uploads: number; batches: number; images: number };
  byOwner: ReadonlyMap<string, number>;
}

/**
 * As `bytesUsed`, by owner. Uploads in progress, and files whose owner is unknown, count in the total only.
 * @param without ids whose files are not counted, with the bytes to count for a resumable upload instead
 * @param pace called for each image, batch and resumable upload
 */
export async function bytesByOwner(
  { incoming, uploads: resumable, live, batches }: StagingLayout,
  without: ReadonlyMap<string, number>,
  owners: OwnerLookup,
  pace: Pace = atFullSpeed,
): Promise<StagedBytes> {
  const seen = new Set<number>();
  const byOwner = new Map<string, number>();
  // First: a finished upload moves on to the images or the batches.
  const ofResumable = await count(resumable, (id) => owners.ofUpload(id));
  const uploads = ofResumable + (await bytesBelow(incoming, seen, without));
  // Batches first: items have the owner of their batch, and a batch file that an item links counts for the batch.
  const ofBatches = await count(batches, (id) => owners.ofBatch(id));
  const images = await count(live, (id) => owners.ofImage(id));
  const byUse = { uploads, batches: ofBatches, images };
  return { total: uploads + ofBatches + images, byUse, byOwner };

  async function count(root: string, ownerOf: (id: string) => Promise<string | null>): Promise<number> {
    let sum = 0;
    for (const shard of await list(root).catch(noneIfDamaged)) {
      const path = join(root, shard.name);
      if (!shard.isDirectory()) sum += await bytesOf(path, seen);
      for (const entry of await list(path).catch(noneIfDamaged)) {
        await pace();
        const { name } = entry;
        const bytes = without.get(name) ?? (await bytesIn(entry, join(path, name)));
        sum += bytes;
        const owner = bytes === 0 ? null : await ownerOf(name);
        if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
      }
    }
    return sum;
  }

  function bytesIn(entry: Dirent, at: string): Promise<number> {
    return entry.isDirectory() ? bytesBelow(at, seen, without) : bytesOf(at, seen);
  }
}

/**
 * The bytes of all files below a folder. Several links to a file count once; files that vanish in the meantime or cannot be
 * read do not count.
 * @param without names of folders to skip, at any depth
 */
export async function bytesBelow(
  folder: string,
  seen = new Set<number>(),
  without: Pick<ReadonlySet<string>, 'has'> = new Set(),
): Promise<number> {
  let sum = 0;
  for (const entry of await list(folder).catch(noneIfDamaged)) {
    if (without.has(entry.name)) continue;
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? await bytesBelow(path, seen, without) : await bytesOf(path, seen);
  }
  return sum;
}

const atFullSpeed: Pace = async () => {};

function noneIfDamaged(error: unknown): Dirent[] {
  if (isFileError(error)) return [];
  throw error;
}

async function bytesOf(path: string, seen?: Set<number>): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || seen?.has(found.ino)) return 0;
  if (found.nlink > 1) seen?.add(found.ino);
  return found.size;
}
