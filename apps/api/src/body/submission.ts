import { createHash } from 'node:crypto';
import type { SourceFacts } from '@pixdock/contract/requirements';
import type { SubmissionOptions } from '@pixdock/contract/submission-options';
import { sortedEntries } from '@pixdock/shared/runtime/sorted-entries';
import type { Origin } from '@pixdock/shared/state/images/origin';
import type { Warning } from '../http/warnings.js';

/** A submission whose bytes are in staging and have passed every check that needs no decoding. */
export interface SubmittedBytes extends SourceFacts {
  kind: 'bytes';
  options: SubmissionOptions;
  filename: string | null;
  declaredType: string | null;
  warnings: Warning[];
}

/** A submission whose bytes have yet to be fetched. */
export interface SubmittedUrl {
  kind: 'url';
  options: SubmissionOptions;
  origin: Extract<Origin, { kind: 'url' }>;
  warnings: [];
}

/** A submission whose bytes a client has uploaded straight to OSS. */
export interface SubmittedDirect {
  kind: 'direct';
  options: SubmissionOptions;
  /** The id of the direct upload. */
  upload: string;
  filename: string | null;
  warnings: [];
}

export type SubmittedSource = SubmittedBytes | SubmittedUrl | SubmittedDirect;

/** A SHA-256 in hex: equal for equal options and the same file, URL or direct upload, however they were sent. */
export function fingerprintOf(submission: SubmittedSource): string {
  const { profile, externalId, metadata, webhookUrl, deleteAfterSeconds, replace } = submission.options;
  const fields = [profile, externalId, sortedEntries(metadata)];
  // Fingerprints outlive a deployment.
  const added = [
    ...(webhookUrl === null ? [] : [webhookUrl]),
    ...(deleteAfterSeconds === null ? [] : [{ deleteAfterSeconds }]),
    ...(replace ? [{ replace }] : []),
  ];
  return createHash('sha256')
    .update(JSON.stringify([...fields, identityOf(submission), ...added]))
    .digest('hex');
}

function identityOf(submission: SubmittedSource) {
  const { sha256 } = submission.options;
  switch (submission.kind) {
    case 'bytes':
      return submission.sha256;
    case 'url':
      return [submission.origin.url, sortedEntries(submission.origin.headers), sha256];
    case 'direct':
      return [submission.upload, sha256];
  }
}
