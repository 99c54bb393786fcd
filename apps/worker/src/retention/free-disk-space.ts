import type { SkipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { type BatchState, hasWorkLeft } from '@pixdock/shared/state/batches/batch-state';
import { type ImageRecord, isKeptForRetry, type RecordIn } from '@pixdock/shared/state/images/image-record';
import type { Needs, Parts } from '../deps.js';

/** Above this share of STAGING_MAX_BYTES, files kept for `retry` are removed, so that uploads do not wait for a day. */
const FULL_SHARE = 0.75;
/** A retry writes to the folder long before this time is over. */
const QUIET_MS = 60_000;

type Deps = Needs<'staging' | 'images' | 'batches' | 'events', 'stagingMaxBytes'>;

/** Files that are kept only for `retry`. */
interface Kept {
  id: string;
  owner: string;
  kind: 'images' | 'batches';
  sinceMs: number;
  bytes: number;
  /** False when the files are needed again. */
  drop: () => Promise<boolean>;
}

/**
 * Removes files kept only for `retry` until staging is below its mark: the oldest of the owner who has the most, again and again.
 * So the files of one owner displace none of another who has fewer.
 */
export async function freeDiskSpace(deps: Deps, skipFileErrors: SkipFileErrors): Promise<void> {
  const { staging, config, events } = deps;
  const { uploads, batches, images, outcomes } = await staging.bytesByUse();
  let excess = uploads + batches + images + outcomes - config.stagingMaxBytes * FULL_SHARE;
  if (excess <= 0) return;
  const kept = [
    ...(await findKept(staging.live(), (id) => keptImage(deps, id), skipFileErrors)),
    ...(await findKept(staging.batches.ids(), (id) => keptBatch(deps, id), skipFileErrors)),
  ];
  const dropped = { images: 0, batches: 0, bytes: 0 };
  for (const { id, kind, bytes, drop } of fromLargestOwner(kept)) {
    if (excess <= 0) break;
    if (!(await skipFileErrors(id, drop))) continue;
    excess -= bytes;
    dropped.bytes += bytes;
    dropped[kind]++;
  }
  if (dropped.bytes > 0) events.keptFilesRemoved(dropped);
}

/** Each time the oldest file of the owner whose remaining files take the most. */
function* fromLargestOwner(kept: readonly Kept[]): Generator<Kept> {
  const ofOwners = Map.groupBy(
    kept.toSorted((a, b) => b.sinceMs - a.sinceMs),
    ({ owner }) => owner,
  );
  const bytesOf = (files: readonly Kept[]) => files.reduce((sum, { bytes }) => sum + bytes, 0);
  const owners = [...ofOwners.values()].map((files) => ({ files, bytes: bytesOf(files) }));
  for (let left = kept.length; left > 0; left--) {
    const first = owners.reduce((most, owner) => (owner.bytes > most.bytes ? owner : most));
    const oldest = first.files.pop();
    if (oldest === undefined) return;
    first.bytes -= oldest.bytes;
    yield oldest;
  }
}

async function findKept(
  ids: AsyncIterable<string>,
  keptOf: (id: string) => Promise<Kept | null>,
  skipFileErrors: SkipFileErrors,
): Promise<Kept[]> {
  const found: Kept[] = [];
  for await (const id of ids) {
    const kept = await skipFileErrors(id, () => keptOf(id));
    if (kept !== null && kept !== undefined) found.push(kept);
  }
  return found;
}

async function keptImage({ staging, images }: Parts<'staging' | 'images'>, id: string): Promise<Kept | null> {
  const read = async () => {
    const record = await orUnreadable(() => images.get(id));
    return record === 'unreadable' || record === null || !isKept(record) ? null : record;
  };
  const record = await read();
  if (record === null) return null;
  return {
    id,
    owner: record.owner,
    kind: 'images',
    sinceMs: Date.parse(record.finishedAt),
    bytes: await staging.bytesOf(id),
    async drop() {
      if (!(await staging.isIdle(id, QUIET_MS)) || (await read()) === null) return false;
      await staging.dropFiles(id);
      return true;
    },
  };
}

/** For a fetched image only the origin is kept, which is too small to be worth removing. */
const isKept = (record: ImageRecord): record is RecordIn<'failed'> =>
  isKeptForRetry(record) && record.source.kind === 'upload';

async function keptBatch(
  { staging, batches }: Parts<'staging' | 'batches'>,
  id: string,
): Promise<Kept | null> {
  const read = async () => {
    const state = await orUnreadable(() => batches.inRedis(id));
    return state === 'unreadable' || state === null || !isOver(state) ? null : state;
  };
  const state = await read();
  const bytes = await staging.batches.bytesOfMaterials(id);
  if (state === null || bytes === 0) return null;
  return {
    id,
    owner: state.owner,
    kind: 'batches',
    sinceMs: state.finishedAt ?? state.updatedAt,
    bytes,
    async drop() {
      if ((await read()) === null) return false;
      await staging.batches.dropMaterials(id);
      return true;
    },
  };
}

const isOver = (state: BatchState) => state.finishedAt !== null && !hasWorkLeft(state);
