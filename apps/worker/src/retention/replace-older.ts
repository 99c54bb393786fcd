import { nowMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { type ImageRecord, isReplacing } from '@pixdock/shared/state/images/image-record';
import { noteReplaced, requestDelete } from '@pixdock/shared/state/images/transitions';
import { dueAt } from '@pixdock/shared/state/record-keys';
import type { Parts } from '../deps.js';

const IMAGES_AT_ONCE = 100;

type Deps = Parts<'images' | 'staging' | 'queue'>;

/**
 * Deletes the images with the externalId of a published image that are older than the newest published image with `replace`. The
 * newest may be a later submission that was published first. One call is enough for all images that are due by then.
 * Returns false if another call must continue: the signal aborted, or Redis may lack older images.
 */
export async function replaceOlder(
  deps: Deps,
  { owner, externalId }: ImageRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { images } = deps;
  if (externalId === null) return true;
  const beganMs = nowMs();
  const isDue = (image: ImageRecord) => isReplacing(image) && (dueAt(image) ?? 0) <= beganMs;
  const replaced: string[] = [];
  let newest: ImageRecord | null = null;
  let cursor: string | null = null;
  do {
    if (signal.aborted) return false;
    const page = await images.list(owner, { externalId }, cursor, IMAGES_AT_ONCE);
    newest ??= page.items.find(replacesOthers) ?? null;
    const isOlder = newest === null ? () => false : isOlderThan(newest);
    const older = page.items.filter((image) => isOlder(image) && image.deleteRequestedAt === null);
    await inGroups(older, (one) => requestDeletion(deps, one.id, one.owner));
    for (const image of page.items) if (!isOlder(image) && isDue(image)) replaced.push(image.id);
    cursor = page.next;
  } while (cursor !== null);
  if (!(await images.isRestored())) return false;
  await inGroups(replaced, async (id) => void (await images.change(id, noteReplaced)));
  return true;
}

const replacesOthers = ({ status, deleteRequestedAt, internal }: ImageRecord) =>
  status === 'published' && deleteRequestedAt === null && internal.replaces !== null;

/** The items of a batch are one submission. Lists order images of the same millisecond by id. */
const isOlderThan = (newest: ImageRecord) => (image: ImageRecord) =>
  submissionOf(image) < submissionOf(newest);

const submissionOf = ({ createdAt, batchId, id }: ImageRecord) => `${createdAt} ${batchId ?? id}`;

/** As the API does. */
async function requestDeletion({ images, staging, queue }: Deps, id: string, owner: string): Promise<void> {
  await staging.requestDelete(id);
  faultpoint('older-requested');
  await images.change(id, requestDelete);
  await queue.delete(id, owner);
}
