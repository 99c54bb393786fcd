import type { SubmissionOptions } from '@pixdock/contract/submission-options';
import type { Received } from '@pixdock/shared/state/files/sink';
import type { Origin } from '@pixdock/shared/state/records/origin';
import type { Warning } from '../http/warnings.js';

/** A submission whose bytes are in staging and have passed every check that needs no decoding. */
export interface SubmittedBytes extends Received {
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

export type Submission = SubmittedBytes | SubmittedUrl;
