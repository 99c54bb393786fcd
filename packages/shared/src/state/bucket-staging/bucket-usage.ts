import type { Pace } from '../files/reservations.js';
import { openOwnerIndex } from '../folder-staging/owner-index.js';
import type { BytesByUse, UsageCounter } from '../folder-staging/usage-counter.js';
import { stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { type Version, versionsWith } from './versions.js';

/** Outcomes that are listed; those of further ids are as many. */
const COUNTED = 10_000;
/** Age at which outcomes are counted again. */
const COUNT_EVERY_MS = 10 * 60_000;
/** An image that was written to more recently is in progress, whether or not it has an earlier outcome. */
const RECENT_MS = 10 * 60_000;
/** Ids begin with two hexadecimal digits. */
const SHARDS = 256;

/** The objects of one image, batch or upload. */
interface Group {
  name: string;
  versions: Version[];
  bytes: number;
}

const atFullSpeed: Pace = async () => {};

/** Counts the bytes in a bucket by its listings. */
export function openBucketUsage(bucket: ObjectBucket, files: BucketFiles): UsageCounter {
  const owners = openOwnerIndex(files);
  let outcomes = 0;
  let countedAt = Number.NEGATIVE_INFINITY;

  /** @param depth of the folders that belong together */
  async function* groups(folder: string, depth: number): AsyncGenerator<Group> {
    let group: Group = { name: '', versions: [], bytes: 0 };
    for await (const version of versionsWith(bucket, `${folder}/`)) {
      const name = version.name.split('/')[depth] ?? version.name;
      if (group.name !== name) {
        if (group.name !== '') yield group;
        group = { name, versions: [], bytes: 0 };
      }
      group.versions.push(version);
      group.bytes += version.bytes;
    }
    if (group.name !== '') yield group;
  }

  async function bytesOfOutcomes(): Promise<number> {
    if (performance.now() - countedAt < COUNT_EVERY_MS) return outcomes;
    let all = { count: 0, bytes: 0 };
    /** Those of the shards that are listed to their end. */
    let whole = { shards: 0, bytes: 0 };
    let shard = '';
    for await (const { name, bytes } of versionsWith(bucket, `${stagedNames.outcomes}/`)) {
      const next = name.split('/')[1] ?? '';
      if (next !== shard && shard !== '') whole = { shards: whole.shards + 1, bytes: all.bytes };
      shard = next;
      if (all.count >= COUNTED && whole.shards > 0) break;
      all = { count: all.count + 1, bytes: all.bytes + bytes };
    }
    outcomes = all.count < COUNTED ? all.bytes : Math.round((whole.bytes * SHARDS) / whole.shards);
    countedAt = performance.now();
    return outcomes;
  }

  return {
    async all(without, pace = atFullSpeed) {
      const lookup = owners.begin();
      const byOwner = new Map<string, number>();
      async function count(
        folder: string,
        depth: number,
        ownerOf: (group: Group) => Promise<string | null>,
      ): Promise<number> {
        let sum = 0;
        for await (const group of groups(folder, depth)) {
          await pace();
          const bytes = without.get(group.name) ?? group.bytes;
          sum += bytes;
          const owner = bytes === 0 ? null : await ownerOf(group);
          if (owner !== null) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
        }
        return sum;
      }
      const nobody = async () => null;
      const uploads =
        (await count(stagedNames.uploads, 2, ({ name }) => lookup.ofUpload(name))) +
        (await count(stagedNames.incoming, 1, nobody));
      // Items have the owner of their batch.
      const batches = await count(stagedNames.batches, 2, ({ name }) => lookup.ofBatch(name));
      const images = await count(stagedNames.live, 2, ({ name }) => lookup.ofImage(name));
      const endpoints = await count(stagedNames.webhooks, Number.POSITIVE_INFINITY, ({ name }) =>
        lookup.ofEndpoint(name),
      );
      const byUse = { uploads, batches, images, endpoints, outcomes: await bytesOfOutcomes() };
      const total = Object.values(byUse).reduce((sum, bytes) => sum + bytes, 0);
      return { total, byUse, byOwner };
    },

    async work(pace = atFullSpeed) {
      const lookup = owners.begin();
      const byOwner = new Map<string, number>();
      const heldByOwner = new Map<string, number>();
      let [underWay, held, kept] = [0, 0, await bytesOfOutcomes()];
      for await (const { name, bytes } of groups(stagedNames.batches, 2)) {
        await lookup.ofBatch(name);
        kept += bytes;
      }
      for (const folder of [stagedNames.uploads, stagedNames.incoming, stagedNames.webhooks])
        for await (const { bytes } of groups(folder, 2)) kept += bytes;
      for await (const { name, versions, bytes } of groups(stagedNames.live, 2)) {
        await pace();
        if (await hasEnded(files, name, versions)) {
          kept += bytes;
          continue;
        }
        const isHeld = versions.some((version) => version.name.startsWith(`${stagedNames.review(name)}/`));
        if (isHeld) held += bytes;
        else underWay += bytes;
        const owner = await lookup.ofImage(name);
        const ofOwner = isHeld ? heldByOwner : byOwner;
        if (owner !== null) ofOwner.set(owner, (ofOwner.get(owner) ?? 0) + bytes);
      }
      return { underWay, held, kept, byOwner, heldByOwner };
    },

    note: (id, owner) => owners.note(id, owner),
  };
}

/** Whether an image has failed, and is kept for `retry`. */
async function hasEnded(files: BucketFiles, id: string, versions: readonly Version[]): Promise<boolean> {
  const isRecent = versions.some(({ lastModified }) => lastModified.getTime() > Date.now() - RECENT_MS);
  return !isRecent && (await files.has(stagedNames.outcome(id)));
}

/** The bytes in a bucket, by use. */
export async function countBucketUse(bucket: ObjectBucket, files: BucketFiles): Promise<BytesByUse> {
  return (await openBucketUsage(bucket, files).all(new Map())).byUse;
}
