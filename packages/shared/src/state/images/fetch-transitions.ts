import { type AttemptId, isCurrent, retryLater, type StepFailure } from './attempt-transitions.js';
import type { FetchedSource } from './fetched-source.js';
import { type ImageRecord, isOpen, type RecordIn } from './image-record.js';
import { forgetSource, NO_RETRY } from './transition-parts.js';

/** Records the fetched source, and hands the image over to an attempt that decodes it. */
export function fetched(
  record: ImageRecord,
  attemptId: AttemptId,
  { declaredType, validator, ...source }: FetchedSource,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  const handedOver = { attemptToken: null, delayedSince: null, fetches: 0 };
  const internal = { ...record.internal, declaredType, validator, ...handedOver };
  return { ...record, ...NO_RETRY, source: { ...record.source, ...source }, internal };
}

/** Forgets a lost source that can be fetched again. An attempt in progress loses the image. */
export function refetch(record: ImageRecord): RecordIn<'queued'> | null {
  if (!isOpen(record)) return null;
  const deaths = record.internal.deaths + (record.internal.attemptToken === null ? 0 : 1);
  return {
    ...forgetSource(record),
    status: 'queued',
    internal: { ...record.internal, attemptToken: null, deaths },
  };
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
