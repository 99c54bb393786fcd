import { FORMATS } from '@pixdock/contract/media-type';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { newRecord, unfetched } from '@pixdock/shared/state/records/new-record';
import type { Submission } from '../body/submitted.js';

/** The record of a submission at its beginning. */
export function recordOf(id: string, owner: string, submission: Submission): ImageRecord {
  const { profile, externalId, metadata, sha256 } = submission.options;
  const image = { id, owner, profile, externalId, metadata };
  if (submission.kind === 'url')
    return newRecord({
      ...image,
      source: unfetched('url', null),
      declaredType: null,
      expectedSha256: sha256,
    });
  const { filename, bytes, declaredType, format } = submission;
  const source = { filename, bytes, sha256: submission.sha256, mediaType: FORMATS[format].mediaType };
  return newRecord({ ...image, source: { kind: 'upload', ...source }, declaredType, expectedSha256: null });
}
