import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { TargetImage, UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import { acceptImage, SUBMISSION_BYTES } from './accept-image.js';
import { claimForUpload } from './idempotency.js';
import { readRepeated } from './read-repeated.js';
import { readUploadedImage } from './read-uploaded-image.js';

/** Creates an image from a resumable upload, in the same steps as `submitImage`. */
export async function submitUploadedImage(
  c: ApiContext,
  deps: ApiDeps,
  upload: UploadEntry,
  target: TargetImage,
): Promise<Created<ImageRecord>> {
  const { staging, diskQuota, backlog, shares } = deps;
  const { owner, uploadToken, webhook = null } = upload;
  const claimed = await claimForUpload(c, deps, upload);
  if (claimed.outcome === 'done')
    return readRepeated(c, deps, claimed.done, await readUploadedImage(deps, upload, target));
  await using claim = claimed.claim;
  const { id } = claim;

  const [{ outcomeBytes }] = await Promise.all([shares.admitImage(owner), backlog.size()]);
  // The source is in staging already.
  using reservation = await diskQuota.reserve({ id, owner, declaredBytes: SUBMISSION_BYTES, outcomeBytes });
  await using arrival = await staging.receiveUploaded(id, upload.id);
  const submission = await readUploadedImage(deps, upload, target);
  const submitter = { owner, uploadToken, webhook };
  const parts = { claim, arrival, reservation, submitter, stagedBytes: SUBMISSION_BYTES };
  return await acceptImage(deps, parts, submission);
}
