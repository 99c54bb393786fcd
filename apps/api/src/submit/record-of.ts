import { FORMATS } from '@pixdock/contract/media-type';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { type NewImage, newRecord, unfetched } from '@pixdock/shared/state/records/new-record';
import type { Submission } from '../body/submission.js';

/** The first record of a submission. */
export function recordOf(
  id: string,
  submitter: Pick<NewImage, 'owner' | 'uploadToken' | 'webhook'>,
  submission: Submission,
): ImageRecord {
  const { profile, externalId, metadata, sha256: expectedSha256 } = submission.options;
  const image = { id, ...submitter, profile, externalId, metadata };
  if (submission.kind === 'url')
    return newRecord({
      ...image,
      source: unfetched('url', null, submission.origin.url),
      declaredType: null,
      expectedSha256,
    });
  const { filename, bytes, sha256, declaredType, format } = submission;
  const { mediaType } = FORMATS[format];
  const source = { kind: 'upload' as const, url: null, filename, bytes, sha256, mediaType };
  return newRecord({ ...image, source, declaredType, expectedSha256: null });
}
