import { BATCH_ID } from '@pixdock/contract/ids';
import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import type { SkipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { Parts } from '../deps.js';
import { forgetBatch } from './forget-batch.js';
import { forgetImage } from './forget-image.js';

/** Half of the time between two sweeps. */
const BUDGET_MS = 30_000;
/** Ids of images and batches read at a time; `inGroups` works on all of them side by side. */
const IDS_AT_ONCE = 64;
/**
 * At full speed a sweep takes a core and most of Redis from all other work for seconds. At this pace it forgets 18,000 images in
 * its half of each minute: 300 per second.
 */
const PER_SECOND = 600;
/** A record that cannot be read is tried again after a day: a newer version may be running by then. */
const POSTPONED_MS = 24 * 3600_000;
/** Ids of such records in one log line. */
const NAMED = 20;

/**
 * Forgets the images and batches whose retention has ended, oldest first, until none is left or the time is up. Records that
 * cannot be read are skipped and named in one log line. Returns how many images and batches it went over.
 */
export async function forgetExpired(
  deps: Parts<'images' | 'batches' | 'staging' | 'log'>,
  skipFileErrors: SkipFileErrors,
  signal: AbortSignal,
  budgetMs = BUDGET_MS,
): Promise<number> {
  const { images, log } = deps;
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]);
  const unreadable: string[] = [];
  let looked = 0;
  let skipped = 0;
  while (!isOver.aborted) {
    const began = performance.now();
    const ids = await images.expired(nowMs(), IDS_AT_ONCE, skipped);
    await inGroups(
      ids.filter((id) => !BATCH_ID.test(id)),
      (id) => forget(id, () => forgetImage(deps, id, nowMs())),
    );
    // A batch has up to 100,000 images.
    for (const id of ids.filter((one) => BATCH_ID.test(one)))
      await forget(id, () => forgetBatch(deps, id, isOver));
    if (ids.length < IDS_AT_ONCE) break;
    await sleep((ids.length * 1000) / PER_SECOND - (performance.now() - began), isOver);
  }
  if (unreadable.length > 0)
    log.error(
      { count: unreadable.length, ids: unreadable.slice(0, NAMED) },
      'expired records cannot be read',
    );
  return looked;

  async function forget(id: string, work: () => Promise<boolean | 'unreadable'>): Promise<void> {
    if (isOver.aborted) return;
    looked++;
    const result = await skipFileErrors(id, () => orUnreadable(work));
    if (result === 'unreadable') {
      unreadable.push(id);
      await images.postponeExpiry(id, nowMs() + POSTPONED_MS);
    } else if (result !== true) skipped++;
  }
}
