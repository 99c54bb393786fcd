import { PixdockError } from '@pixdock/contract/error';
import type { StagedUpload } from '@pixdock/shared/state/uploads/staged-uploads';
import type { UploadEntry, UploadResult } from '@pixdock/shared/state/uploads/upload-entry';
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
  const { entry, result: known } = upload;
  if (known !== null) return upload;
  const { uploads } = deps.staging;
  try {
    const result = await create(c, deps, entry);
    await uploads.finish(entry.id, result);
    await deps.shares.releaseResumable(entry.owner, entry.id);
    return { ...upload, result };
  } catch (error) {
    if (isFinal(error)) await discardUpload(deps, entry);
    throw error;
  }
}

async function create(c: ApiContext, deps: ApiDeps, entry: UploadEntry): Promise<UploadResult> {
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
): Promise<UploadResult> {
  if (created.outcome === 'expired') return { resourceId: created.id };
  if (created.outcome === 'created')
    await created.claim.complete(resource.compose(c, created.state, created.warnings));
  return { resourceId: created.state.id };
}

/** Whether the same bytes would be refused again. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof PixdockError)) return false;
  const { status } = error.facts;
  return status < 500 && status !== 409 && status !== 429;
}
