import { PixdockError } from '@pixdock/contract/error';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import type { UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { ApiDeps } from '../deps.js';
import { batchResource } from '../http/batch-response.js';
import type { ApiContext } from '../http/env.js';
import { imageResource } from '../http/image-response.js';
import type { Created, Resource } from '../http/resource.js';
import { batchOfUpload } from '../submit/batch.js';
import { imageOfUpload } from '../submit/image.js';
import { submit } from '../submit/submit.js';
import { discardUpload } from './discard-upload.js';

/**
 * Creates the image or batch of a complete upload. A repeat returns the first result. The caller holds the lock. An upload
 * that can never be accepted is removed.
 * @throws PixdockError as POST /v1/images and POST /v1/batches
 */
export async function finishUpload(
  c: ApiContext,
  deps: ApiDeps,
  upload: StagedUpload,
): Promise<StagedUpload> {
  if (upload.isFinished) return upload;
  const { entry, offset } = upload;
  try {
    const resourceId = await create(c, deps, entry);
    const finished = await deps.staging.uploads.finish(entry, resourceId);
    await deps.shares.releaseResumable(entry.owner, entry.id);
    return { isFinished: true, entry: finished, offset };
  } catch (error) {
    if (isFinal(error)) await discardUpload(deps, entry);
    throw error;
  }
}

/** Returns the id of the image or batch. */
async function create(c: ApiContext, deps: ApiDeps, entry: UploadEntry): Promise<string> {
  const { target } = entry;
  return target.resource === 'image'
    ? complete(c, imageResource(deps), await submit(c, deps, imageOfUpload(deps, entry, target)))
    : complete(c, batchResource(deps), await submit(c, deps, batchOfUpload(deps, entry, target)));
}

/** Stores the response for repeats with the Idempotency-Key. */
async function complete<T extends { id: string }>(
  c: ApiContext,
  resource: Resource<T>,
  created: Created<T>,
): Promise<string> {
  if (created.outcome === 'expired') return created.id;
  if (created.outcome === 'created')
    await created.claim.complete(resource.compose(c, created.state, created.warnings));
  return created.state.id;
}

/** Whether the same bytes would be refused again. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof PixdockError)) return false;
  const { status } = error.facts;
  return status < 500 && status !== 409 && status !== 429;
}
