import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { noteReplaced, requestDelete } from '@pixdock/shared/state/images/transitions';
import type { Parts } from '../deps.js';

const IMAGES_AT_ONCE = 100;

type Deps = Parts<'images' | 'staging' | 'queue'>;

/**
 * Deletes the images with the externalId of a published image that are older than the newest published image with `replace`. The
 * newest may be a later submission that was published first. If the signal aborts, the next sweep continues.
 */
export async function replaceOlder(
  deps: Deps,
  { id, owner, externalId }: ImageRecord,
  signal: AbortSignal,
): Promise<void> {
  let newest: ImageRecord | null = null;
  let cursor: string | null = null;
  do {
    if (signal.aborted || externalId === null) return;
    const page = await deps.images.list(owner, { externalId }, cursor, IMAGES_AT_ONCE);
    newest ??= page.items.find(replacesOthers) ?? null;
    const older = newest === null ? [] : page.items.filter(isOlderThan(newest));
    await inGroups(older, (one) => requestDeletion(deps, one.id, one.owner));
    cursor = page.next;
  } while (cursor !== null);
  await deps.images.change(id, noteReplaced);
}

const replacesOthers = ({ status, deleteRequestedAt, internal }: ImageRecord) =>
  status === 'published' && deleteRequestedAt === null && internal.replaces !== null;

/** The items of a batch are one submission. Lists order images of the same millisecond by id. */
const isOlderThan = (newest: ImageRecord) => (image: ImageRecord) =>
  submissionOf(image) < submissionOf(newest) && image.deleteRequestedAt === null;

const submissionOf = ({ createdAt, batchId, id }: ImageRecord) => `${createdAt} ${batchId ?? id}`;

/** As the API does. */
async function requestDeletion({ images, staging, queue }: Deps, id: string, owner: string): Promise<void> {
  await staging.requestDelete(id);
  faultpoint('older-requested');
  await images.change(id, requestDelete);
  await queue.delete(id, owner);
}
