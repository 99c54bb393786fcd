import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isFileError } from '../../runtime/file-errors.js';
import { bytesTaken } from '../files/disk-bytes.js';
import { isThere } from '../files/optional-file.js';
import type { Pace } from '../files/reservations.js';
import { stagedNames } from '../staged/staged-names.js';
import type { StagingLayout } from './layout.js';
import type { OwnerLookup } from './owner-index.js';
import { batchIds, imageIds, list } from './walk.js';

/*
 * Bytes are those of the disk, which a small file and a folder take a block of. The folders that only shard ids do not count: a
 * MiB for each kind, whatever is in staging.
 */

/**
 * Counts the bytes of images in progress (`underWay`), which are removed at publication, those of reviewed images (`held`), which
 * may wait for a person for days, and those that stay longer (`kept`): uploads in progress, resumable uploads, submissions, batch files,
 * webhook endpoints, and the sources of failed images.
 * @param pace called for each image
 * @returns `byOwner` and `heldByOwner`: the parts of `underWay` and `held` whose owner is known
 */
export async function bytesStaged(
  layout: StagingLayout,
  owners: OwnerLookup,
  pace: Pace = atFullSpeed,
): Promise<WorkBytes> {
  const byOwner = new Map<string, number>();
  const heldByOwner = new Map<string, number>();
  // Batches first: items have the owner of their batch.
  for await (const id of batchIds(layout)) await owners.ofBatch(id);
  const seen = new Set<number>();
  let kept = 0;
  // Before the images: a batch file that an item links counts for the batch.
  kept += await bytesBelow(layout.incoming, seen);
  for (const root of [layout.uploads, layout.batches, layout.webhooks])
    for await (const { entry, path } of sharded(root)) kept += await bytesOf(entry, path, seen);
  let underWay = 0;
  let held = 0;
  for await (const id of imageIds(layout.live)) {
    await pace();
    const submission = await bytesAt(layout.submission(id));
    const bytes = await bytesOfFolder(layout.image(id), seen);
    // An item has no submission, and keeps no file.
    const hasEnded = submission > 0 && (await bytesAt(layout.outcome(id))) > 0;
    kept += hasEnded ? bytes : submission;
    const inProgress = hasEnded ? 0 : Math.max(0, bytes - submission);
    if (inProgress === 0) continue;
    const isReviewed = await isThere(layout.review(id));
    if (isReviewed) held += inProgress;
    else underWay += inProgress;
    const owner = await owners.ofImage(id);
    const ofOwner = isReviewed ? heldByOwner : byOwner;
    if (owner !== null) ofOwner.set(owner, (ofOwner.get(owner) ?? 0) + inProgress);
  }
  return { underWay, held, kept, byOwner, heldByOwner };
}

export interface WorkBytes {
  underWay: number;
  held: number;
  kept: number;
  byOwner: Map<string, number>;
  heldByOwner: Map<string, number>;
}

/** The bytes of the disk that count against STAGING_MAX_BYTES, in total, by use, and by owner. */
export interface StagedBytes {
  total: number;
  byUse: { uploads: number; batches: number; images: number; endpoints: number };
  byOwner: Map<string, number>;
}

/**
 * Counts all files of uploads, images, batches and webhook endpoints. Uploads in progress, and files whose owner is unknown, count in the total only.
 * @param without ids whose files are not counted, with the bytes to count for a resumable upload instead
 * @param pace called for each image, batch, resumable upload and file of an endpoint
 */
export async function bytesByOwner(
  { incoming, uploads: resumable, live, batches, webhooks }: StagingLayout,
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
  const endpoints = await count(webhooks, (_, path) =>
    owners.ofEndpoint(join(stagedNames.webhooks, relative(webhooks, path))),
  );
  const byUse = { uploads, batches: ofBatches, images, endpoints };
  return { total: uploads + ofBatches + images + endpoints, byUse, byOwner };

  async function count(
    root: string,
    ownerOf: (name: string, path: string) => Promise<string | null>,
  ): Promise<number> {
    let sum = 0;
    for await (const { entry, path } of sharded(root)) {
      await pace();
      const bytes = without.get(entry.name) ?? (await bytesOf(entry, path, seen, without));
      sum += bytes;
      const owner = bytes === 0 ? null : await ownerOf(entry.name, path);
      if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
    }
    return sum;
  }
}

/** The bytes that count against STAGING_MAX_BYTES, except those of outcomes. */
export async function bytesByUse(layout: StagingLayout): Promise<StagedBytes['byUse']> {
  const nobody = async () => null;
  const owners = { ofUpload: nobody, ofBatch: nobody, ofImage: nobody, ofEndpoint: nobody };
  return (await bytesByOwner(layout, new Map(), owners)).byUse;
}

/**
 * The bytes of everything below a folder. Several links to a file count once; files that vanish in the meantime or cannot be
 * read do not count.
 * @param without names of folders to skip, at any depth
 */
export async function bytesBelow(
  folder: string,
  seen = new Set<number>(),
  without: Without = new Set(),
): Promise<number> {
  let sum = 0;
  for (const entry of await list(folder).catch(noneIfDamaged))
    if (!without.has(entry.name)) sum += await bytesOf(entry, join(folder, entry.name), seen, without);
  return sum;
}

type Without = Pick<ReadonlySet<string>, 'has'>;

function bytesOf(entry: Dirent, path: string, seen: Set<number>, without?: Without): Promise<number> {
  return entry.isDirectory() ? bytesOfFolder(path, seen, without) : bytesAt(path, seen);
}

async function bytesOfFolder(path: string, seen: Set<number>, without?: Without): Promise<number> {
  return (await bytesAt(path)) + (await bytesBelow(path, seen, without));
}

async function bytesAt(path: string, seen?: Set<number>): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || seen?.has(found.ino)) return 0;
  if (found.nlink > 1) seen?.add(found.ino);
  return bytesTaken(found);
}

/** What the shards of a folder contain. */
async function* sharded(root: string): AsyncGenerator<{ entry: Dirent; path: string }> {
  for (const shard of await list(root).catch(noneIfDamaged)) {
    const folder = join(root, shard.name);
    if (!shard.isDirectory()) yield { entry: shard, path: folder };
    for (const entry of await list(folder).catch(noneIfDamaged))
      yield { entry, path: join(folder, entry.name) };
  }
}

const atFullSpeed: Pace = async () => {};

function noneIfDamaged(error: unknown): Dirent[] {
  if (isFileError(error)) return [];
  throw error;
}
