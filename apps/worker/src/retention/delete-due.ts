import { isDeletedStatus } from '@pixdock/contract/status';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { SkipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { fromRandom } from '@pixdock/shared/runtime/from-random';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { type ImageRecord, isOpen, isReplacing } from '@pixdock/shared/state/images/image-record';
import { keep, requestDelete } from '@pixdock/shared/state/images/transitions';
import type { Parts } from '../deps.js';
import { replaceOlder } from './replace-older.js';

/** A quarter of the time between two sweeps. */
const DUE_BUDGET_MS = 15_000;
/** Images of one owner before the next owner has its turn. */
const IDS_AT_ONCE = 32;
/** As in `forget-expired.ts`. */
const PER_SECOND = 600;
/** Time for the replacements of one owner before the next owner has its turn. */
const TURN_MS = 2000;
/** A deletion that has not ended after this time is queued again: its job may be lost. */
const AGAIN_AFTER_MS = 10 * 60_000;
/** A replacement that is not finished continues after this time. */
const CONTINUED_AFTER_MS = 10_000;

type Deps = Parts<'images' | 'staging' | 'queue'>;

/**
 * Requests the deletions that are due and those of replaced images, the owners in turn, until none is left or the time is up.
 * Returns the number of images that it examined.
 */
export async function deleteDue(
  deps: Deps,
  skipFileErrors: SkipFileErrors,
  signal: AbortSignal,
): Promise<number> {
  const { images } = deps;
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(DUE_BUDGET_MS)]);
  let looked = 0;
  let owners = fromRandom(await images.owners());
  while (owners.length > 0 && !isOver.aborted) {
    const withMore: string[] = [];
    for (const owner of owners) {
      const began = performance.now();
      const ids = await images.dueDeletions(owner, nowMs(), IDS_AT_ONCE);
      if (ids.length === 0) continue;
      const carryOut = openTurn(deps, AbortSignal.any([isOver, AbortSignal.timeout(TURN_MS)]));
      await inGroups(ids, async (id) => {
        if (isOver.aborted) return;
        looked++;
        const isFinished = await skipFileErrors(id, () => orUnreadable(() => carryOut(id)));
        const afterMs = isFinished === false ? CONTINUED_AFTER_MS : AGAIN_AFTER_MS;
        await images.postponeDeletion(owner, id, nowMs() + afterMs);
      });
      if (ids.length === IDS_AT_ONCE) withMore.push(owner);
      const restMs = (ids.length * 1000) / PER_SECOND - (performance.now() - began);
      if (restMs > 0) await sleep(restMs, isOver);
    }
    owners = withMore;
  }
  return looked;
}

/** Deletes or replaces images of one owner. The result of a call is false if the image must be replaced further. */
function openTurn(deps: Deps, signal: AbortSignal): (id: string) => Promise<boolean> {
  /** By externalId: images that share one need one replacement. */
  const replacements = new Map<string | null, Promise<boolean>>();
  return async (id) => {
    const record = await deps.images.inRedis(id);
    if (record === null || !isReplacing(record)) {
      await deleteIfDue(deps, id);
      return true;
    }
    const { externalId } = record;
    const replacement = replacements.get(externalId) ?? replaceOlder(deps, record, signal);
    replacements.set(externalId, replacement);
    return replacement;
  };
}

/**
 * Requests the deletion of an image that is due before its job has ended, which would publish it for a moment. Returns the result of the
 * job; null if the image is not due.
 */
export async function deleteInstead(deps: Deps, record: ImageRecord): Promise<JobResult | null> {
  if (!isOpen(record) || requestIfDue(record) === null) return null;
  const isRequested = await deleteIfDue(deps, record.id);
  // A request to keep the image came first.
  return isRequested ? { outcome: 'done' } : { outcome: 'again', afterMs: 0 };
}

/** Returns whether the image is to be deleted, or is deleted. */
async function deleteIfDue({ images, staging, queue }: Deps, id: string): Promise<boolean> {
  // After Redis fell back to an earlier state, only staging knows that the image is kept.
  const isKept = await staging.has(id, 'kept');
  const changed = await images.change(id, isKept ? keep : requestIfDue);
  if (changed.outcome === 'missing') return true;
  const { deleteRequestedAt, status, owner } = changed.record;
  faultpoint('deletion-due');
  if (deleteRequestedAt === null || isDeletedStatus(status)) return deleteRequestedAt !== null;
  // From now on, requests to keep the image are refused, but their files stay. After a loss of Redis, this file outweighs them.
  await staging.requestDelete(id);
  await queue.delete(id, owner);
  return true;
}

/** A request to keep the image may have won the race. */
const requestIfDue = (record: ImageRecord) =>
  record.deleteAt !== null && Date.parse(record.deleteAt) <= nowMs() ? requestDelete(record) : null;
