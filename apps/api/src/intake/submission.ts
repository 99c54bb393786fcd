import type { ImageRecord, SubmissionOptions } from '@pixdock/shared/contract/image';
import type { Origin } from '@pixdock/shared/contract/source';
import { MEDIA_TYPES } from '@pixdock/shared/media-type';
import { newRecord, unfetched } from '@pixdock/shared/records/new-record';
import type { Received } from '@pixdock/shared/staging/sink';

/** A submission whose bytes lie in staging and which nothing known without decoding speaks against. */
export interface SubmittedBytes extends Received {
  kind: 'bytes';
  options: SubmissionOptions;
  filename: string | null;
  declaredType: string | null;
}

/** A submission whose bytes are still to be fetched. */
export interface SubmittedUrl {
  kind: 'url';
  options: SubmissionOptions;
  origin: Extract<Origin, { kind: 'url' }>;
}

export type Submission = SubmittedBytes | SubmittedUrl;

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
  const source = { filename, bytes, sha256: submission.sha256, mediaType: MEDIA_TYPES[format] };
  return newRecord({ ...image, source: { kind: 'upload', ...source }, declaredType, expectedSha256: null });
}
