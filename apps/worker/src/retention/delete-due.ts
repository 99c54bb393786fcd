import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { SkipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { keep, requestDelete } from '@pixdock/shared/state/images/transitions';
import type { Parts } from '../deps.js';
import { replaceOlder } from './replace-older.js';

/** A quarter of the time between two sweeps. */
const DUE_BUDGET_MS = 15_000;
/** Images of one owner before the next owner has its turn. */
const IDS_AT_ONCE = 32;
/** As in `forget-expired.ts`. */
const PER_SECOND = 600;
/** A deletion that has not ended after this time is queued again: its job may be lost. */
const AGAIN_AFTER_MS = 10 * 60_000;
/** A restore takes seconds for the images of a day. */
const UNRESTORED_MS = 5000;

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
  let owners = await images.owners();
  while (owners.length > 0 && !isOver.aborted) {
    const withMore: string[] = [];
    for (const owner of owners) {
      const began = performance.now();
      const ids = await images.dueDeletions(owner, nowMs(), IDS_AT_ONCE);
      await inGroups(ids, async (id) => {
        if (isOver.aborted) return;
        looked++;
        const result = await skipFileErrors(id, () => orUnreadable(() => carryOut(deps, id, isOver)));
        const afterMs = result === 'not restored' ? UNRESTORED_MS : AGAIN_AFTER_MS;
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

async function carryOut(deps: Deps, id: string, signal: AbortSignal): Promise<'not restored' | null> {
  const record = await deps.images.inRedis(id);
  const replaces = record?.status === 'published' && record.internal.replaces === 'later';
  // An image that is being deleted is itself replaced: the newest one deletes the others.
  if (!replaces || record.deleteRequestedAt !== null) await deleteIfDue(deps, id);
  // Older images might not be in the list yet.
  else if (!(await deps.images.isRestored())) return 'not restored';
  else await replaceOlder(deps, record, signal);
  return null;
}

async function deleteIfDue({ images, staging, queue }: Deps, id: string): Promise<void> {
  // After Redis fell back to an earlier state, only staging knows that the image is kept.
  const isKept = await staging.has(id, 'kept');
  const changed = await images.change(id, isKept ? keep : requestIfDue);
  if (changed.outcome === 'missing') return;
  const { deleteRequestedAt, status, owner } = changed.record;
  faultpoint('deletion-due');
  if (deleteRequestedAt === null || status === 'deleted') return;
  // A request to keep the image that is refused now leaves its mark. After a loss of Redis, only this one says that the deletion goes on.
  await staging.requestDelete(id);
  await queue.delete(id, owner);
}

/** A request to keep the image may have won the race. */
const requestIfDue = (record: ImageRecord) =>
  record.deleteAt !== null && Date.parse(record.deleteAt) <= nowMs() ? requestDelete(record) : null;
