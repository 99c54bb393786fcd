import { isBeingDeleted, isSettled } from '@pixdock/contract/status';
import { type ImageRecord, isHeld } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { isOld, type ReconcileDeps } from './deps.js';

/** Finds open images that have neither a job nor a batch that will process them. Held images need no job before their decision. */
export async function checkWaiting(deps: ReconcileDeps, seen: ImageRecord): Promise<void> {
  if (!isOld(seen.updatedAt, deps)) return;
  if (seen.deleteRequestedAt !== null) return checkDeletion(deps, seen);
  const { id, batchId } = seen;
  const { batches, images, queue, view, report, staging } = deps;
  if (isHeld(seen)) {
    const review = await staging.reviews.find(id, seen.internal.reviewed ?? '');
    if (review === null || review.decision === 'hold') return;
  }
  if (await view.hasRun(runOf(seen))) return;
  // A job that ended since has changed the record.
  const record = await images.inRedis(id);
  if (record === null || record.version !== seen.version) return;
  if (batchId !== null && (await batches.inRedis(batchId)) !== null) return checkItem(deps, record, batchId);
  // It is restored with its batch.
  if (batchId !== null && (await staging.batches.open(batchId)) !== null) return;
  await report.found({
    kind: 'image-without-job',
    id,
    async fix() {
      const now = await images.inRedis(id);
      if (now === null || isSettled(now) || now.deleteRequestedAt !== null) return false;
      await queue.enqueue(runOf(now));
      return true;
    },
  });
}

async function checkDeletion(
  { view, images, queue, report }: ReconcileDeps,
  { id }: ImageRecord,
): Promise<void> {
  if (await view.hasDeletion(id)) return;
  const isOpen = async () => {
    const record = await images.inRedis(id);
    return record !== null && isBeingDeleted(record) ? record : null;
  };
  if ((await isOpen()) === null) return;
  await report.found({
    kind: 'deletion-pending',
    id,
    async fix() {
      const record = await isOpen();
      if (record !== null) await queue.delete(id, record.owner);
      return record !== null;
    },
  });
}

/** A waiting item has no job, because its batch will process it, unless the batch counts it as done. */
async function checkItem(
  { batches, queue, report }: ReconcileDeps,
  { id, owner, internal }: ImageRecord,
  batchId: string,
): Promise<void> {
  const place = internal.place ?? 0;
  const findAdrift = async () => {
    const state = await batches.inRedis(batchId);
    if (state === null || place >= state.next) return null;
    const window = batches.window(state);
    const [pending] = await window.pending(place, 1);
    return pending?.imageId === id || (await window.items()).has(id) ? null : window;
  };
  if ((await findAdrift()) === null) return;
  await report.found({
    kind: 'item-adrift',
    id,
    async fix() {
      const window = await findAdrift();
      if (window === null || !(await window.addPending([{ imageId: id, place }]))) return false;
      await queue.expand({ id: batchId, owner });
      return true;
    },
  });
}
