import { rm } from 'node:fs/promises';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { type BatchState, isBatchSettled } from '@pixdock/shared/records/batch-state';
import { batchFiles } from '@pixdock/shared/staging/layout';
import { batchIds, bytesBelow, bytesTaken, isIdle, liveIds } from '@pixdock/shared/staging/walk';
import { orUnreadable } from '@pixdock/shared/unreadable';
import type { WorkerDeps } from '../deps.js';

/** Of STAGING_MAX_BYTES: what is above it and only kept for `retry` goes, so that uploads do not wait for a day. */
const FULL_SHARE = 0.75;
/** A retry that was just asked for has begun to write long before. */
const QUIET_MS = 60_000;

type Parts = Pick<WorkerDeps, 'staging' | 'records' | 'batches' | 'config' | 'log'>;

/** Something that is kept only so that it can be tried again. */
interface Kept {
  kind: 'images' | 'batches';
  sinceMs: number;
  bytes: number;
  /** False when it is needed again. */
  drop: () => Promise<boolean>;
}

/** Lets go of what is kept only for `retry`, oldest first, until staging is below its mark. */
export async function makeRoom(deps: Parts): Promise<void> {
  const { staging, config, log } = deps;
  let excess = (await bytesTaken(staging.layout)) - config.stagingMaxBytes * FULL_SHARE;
  if (excess <= 0) return;
  const kept = [...(await keptImages(deps)), ...(await keptBatches(deps))];
  const dropped = { images: 0, batches: 0, bytes: 0 };
  for (const { kind, bytes, drop } of kept.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
    if (excess <= 0) break;
    if (!(await drop())) continue;
    excess -= bytes;
    dropped.bytes += bytes;
    dropped[kind]++;
  }
  if (dropped.bytes > 0) log.warn(dropped, 'staging is nearly full: let go of what was kept for a retry');
}

async function keptImages({ staging, records }: Parts): Promise<Kept[]> {
  const { layout } = staging;
  const read = async (id: string) => {
    const record = await orUnreadable(
      async () => (await records.get(id)) ?? (await staging.entry(id))?.record,
    );
    return record === 'unreadable' || record === undefined ? null : record;
  };
  const kept: Kept[] = [];
  for await (const id of liveIds(layout)) {
    const record = await read(id);
    if (record === null || !isKept(record)) continue;
    const folder = layout.image(id);
    kept.push({
      kind: 'images',
      sinceMs: Date.parse(record.finishedAt ?? record.updatedAt),
      bytes: await bytesBelow(folder),
      async drop() {
        if (!(await isIdle(folder, QUIET_MS))) return false;
        const now = await read(id);
        if (now === null || !isKept(now)) return false;
        await rm(folder, { recursive: true, force: true });
        return true;
      },
    });
  }
  return kept;
}

/** Of what was fetched only the address is kept, which is too small to be worth a retry. */
const isKept = ({ status, batchId, source }: ImageRecord) =>
  status === 'failed' && batchId === null && source.kind === 'upload';

async function keptBatches({ staging, batches }: Parts): Promise<Kept[]> {
  const read = async (id: string) => {
    const state = await orUnreadable(() => batches.get(id));
    return state === 'unreadable' || state === null || !isOver(state) ? null : state;
  };
  const kept: Kept[] = [];
  for await (const id of batchIds(staging.layout)) {
    const state = await read(id);
    const { materials } = batchFiles(staging.layout.batch(id));
    const bytes = await bytesBelow(materials);
    if (state === null || bytes === 0) continue;
    kept.push({
      kind: 'batches',
      sinceMs: state.finishedAt ?? state.updatedAt,
      bytes,
      async drop() {
        if ((await read(id)) === null) return false;
        await staging.batches.dropMaterials(id);
        return true;
      },
    });
  }
  return kept;
}

const isOver = (state: BatchState) => state.finishedAt !== null && isBatchSettled(state);
