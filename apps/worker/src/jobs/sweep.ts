import { rm } from 'node:fs/promises';
import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { skipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { isThere } from '@pixdock/shared/state/files/durable';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import {
  arrivals,
  batchIds,
  isIdle,
  liveIds,
  removeArrival,
  unfinishedEntries,
} from '@pixdock/shared/state/files/walk';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { isSettled } from '@pixdock/shared/state/records/view';
import { restore } from '@pixdock/shared/state/restore';
import type { WorkerDeps } from '../deps.js';
import { forgetExpired } from '../retention/forget-expired.js';
import { makeRoom } from '../retention/free-disk-space.js';

/** A live upload is written to at least twice in its longest silence (30 s), so ten minutes without a byte is none. */
const ABANDONED_MS = 10 * 60_000;
/** How long the source of a failed image is kept for `retry`. */
const FAILED_SOURCE_MS = 24 * 3600_000;
/** Looking at every image that waits costs some commands each; a lost job is rare. */
const HEAL_EVERY_MS = 10 * 60_000;

/**
 * Clears what time has ended, and gives a job back to every image that waits without one. What a newer version wrote is
 * left to it.
 */
export function sweep(deps: WorkerDeps, healEveryMs = HEAL_EVERY_MS): JobHandlers['sweep'] {
  const { records, batches, staging, queue, log } = deps;
  const { layout } = staging;
  const each = skipFileErrors(log, 'a sweep');
  let healedAt = Number.NEGATIVE_INFINITY;
  let makingRoom: Promise<unknown> | null = null;
  /** Batches of the images that one look goes over, and whether all their items are deleted. */
  const buried = new Map<string, Promise<boolean>>();
  return async (_payload, { signal }) => {
    for (const id of await batches.open()) await queue.expand(id);
    const abandoned = await dropEach('arrivals', arrivals(layout), dropArrival);
    // Two sweeps may overlap, and would both let go for the same excess.
    makingRoom ??= each('room', () => makeRoom(deps, each)).finally(() => {
      makingRoom = null;
    });
    await makingRoom;
    const expired = await forgetExpired(deps, each, signal);
    log.info({ expired, abandoned }, 'swept');
    if (performance.now() - healedAt < healEveryMs) return { outcome: 'done' };
    healedAt = performance.now();
    const accounts = await dropEach('accounts', unfinishedEntries(layout), dropAccount);
    buried.clear();
    const ended = await dropEach('images', liveIds(layout), dropIfEnded);
    const sources = ended + (await dropEach('batches', batchIds(layout), dropOldMaterials));
    const restored = await each('staging', () => restore(deps, 'live'));
    log.info({ accounts, sources, ...restored }, 'looked at all that is staged');
    return { outcome: 'done' };
  };

  /** Returns how many were dropped. A folder that cannot be walked through ends only its own walk. */
  async function dropEach(
    name: string,
    found: AsyncIterable<string>,
    drop: (one: string) => Promise<boolean>,
  ): Promise<number> {
    let dropped = 0;
    await each(name, async () => {
      for await (const one of found) if (await each(one, () => drop(one))) dropped++;
    });
    return dropped;
  }

  async function dropArrival(folder: string): Promise<boolean> {
    return (await isIdle(folder, ABANDONED_MS)) && removeArrival(folder);
  }

  async function dropAccount(path: string): Promise<boolean> {
    if (!(await isIdle(path, ABANDONED_MS))) return false;
    await rm(path, { force: true });
    return true;
  }

  async function dropOldMaterials(id: string): Promise<boolean> {
    if (!(await isThere(batchFiles(layout.batch(id)).materials))) return false;
    const state = await orUnreadable(() => batches.get(id));
    const finishedAt = state === 'unreadable' ? null : (state?.finishedAt ?? null);
    if (finishedAt === null || finishedAt > Date.now() - FAILED_SOURCE_MS) return false;
    await staging.batches.dropMaterials(id);
    return true;
  }

  /** Lets go of what an image does not need any more: of an ended one, also what a late attempt wrote, and of none. */
  async function dropIfEnded(id: string): Promise<boolean> {
    const record = await orUnreadable(
      async () => (await records.get(id)) ?? (await staging.entry(id))?.record,
    );
    if (record === 'unreadable' || !(await isOver(id, record))) return false;
    const { batchId = null } = record ?? {};
    const isGone = batchId !== null && (await isBuried(batchId));
    if (record === undefined || isGone || isKeptForRetry(record))
      await rm(staging.layout.image(id), { recursive: true, force: true });
    else await staging.settle(record);
    return true;
  }

  function isBuried(batchId: string): Promise<boolean> {
    const known = buried.get(batchId) ?? staging.batches.tombstone(batchId).then((found) => found !== null);
    buried.set(batchId, known);
    return known;
  }

  async function isOver(id: string, record: ImageRecord | undefined): Promise<boolean> {
    if (record !== undefined && !isSettled(record)) return false;
    const untilMs = Date.now() - FAILED_SOURCE_MS;
    if (record !== undefined && isKeptForRetry(record) && Date.parse(record.finishedAt ?? '') > untilMs)
      return false;
    // A retry, or an attempt that does not know yet, may be at it.
    return isIdle(staging.layout.image(id), ABANDONED_MS);
  }
}

const isKeptForRetry = ({ status, batchId }: ImageRecord) => status === 'failed' && batchId === null;
