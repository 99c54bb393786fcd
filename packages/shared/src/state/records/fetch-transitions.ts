import { type AttemptId, isCurrent, retryLater, type StepFailure } from './attempt-transitions.js';
import type { ImageRecord } from './image-record.js';
import { forgetSource, NO_RETRY } from './transition-parts.js';

/** The facts of a fetched source. */
export interface FetchedSource {
  filename: string | null;
  bytes: number;
  sha256: string;
  mediaType: string;
  declaredType: string | null;
}

/** Records the fetched source, and hands the image over to an attempt that decodes it. */
export function fetched(
  record: ImageRecord,
  attemptId: AttemptId,
  { declaredType, ...source }: FetchedSource,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  const internal = { ...record.internal, declaredType, holder: null, heldSince: null, fetches: 0 };
  return { ...record, ...NO_RETRY, source: { ...record.source, ...source }, internal };
}

/** Forgets a lost source that can be fetched again. */
export function refetch(record: ImageRecord, attemptId: AttemptId): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return { ...forgetSource(record), internal: { ...record.internal, holder: null } };
}

/** Postpones the fetch, since the host may recover. */
export function fetchLater(
  record: ImageRecord,
  attemptId: AttemptId,
  failure: StepFailure,
): ImageRecord | null {
  const released = retryLater(record, attemptId, failure);
  if (released === null) return null;
  return { ...released, internal: { ...released.internal, fetches: released.internal.fetches + 1 } };
}
