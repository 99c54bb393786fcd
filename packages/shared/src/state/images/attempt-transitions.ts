import type { Stage } from '@pixdock/contract/image';
import type { Review } from '@pixdock/contract/review';
import { isoTime, nowMs } from '../../runtime/clock.js';
import { type ImageRecord, isDeleted, isOpen, type RecordIn } from './image-record.js';
import type { StoredError } from './stored-error.js';
import { enter, NO_RETRY } from './transition-parts.js';

// The transitions of an image that an attempt makes. All but `begin` and `noteLatePut` here, and `noteKeys` and `refetch` elsewhere,
// require that the attempt is current.

/**
 * Identifies one attempt at one run. The token is random: a counter would repeat after a record is restored. The record has
 * the token of the current attempt in `internal.attemptToken`; every other attempt has lost the image.
 */
export interface AttemptId {
  run: number;
  token: string;
}

/**
 * Begins an attempt. If the record still has a token, the worker of that attempt died. If it is `processing` without a
 * token, fetching handed it over, and the same attempt continues.
 */
export function begin(record: ImageRecord, { run, token }: AttemptId, stage: Stage): ImageRecord | null {
  if (!isOpen(record) || record.run !== run || record.deleteRequestedAt !== null) return null;
  const died = record.internal.attemptToken === null ? 0 : 1;
  const isHandedOver = record.status === 'processing' && died === 0;
  return {
    ...enter(record, stage),
    status: 'processing',
    attempts: record.attempts + (isHandedOver ? 0 : 1),
    nextAttemptAt: null,
    internal: { ...record.internal, attemptToken: token, deaths: record.internal.deaths + died },
  };
}

/** Enters the next stage; `keys` are those that the attempt is about to write. An earlier attempt may have used others. */
export function advance(
  record: ImageRecord,
  attemptId: AttemptId,
  stage: Stage,
  keys?: readonly string[],
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  const all = [...new Set([...record.internal.keys, ...(keys ?? [])])];
  return { ...enter(record, stage), internal: { ...record.internal, keys: all } };
}

/** A stage that an attempt has entered, and when. */
export interface StageEntry {
  stage: Stage;
  at: string;
}

/** Adds stages that the attempt has entered since its last change. */
export function catchUpStages(
  record: ImageRecord,
  attemptId: AttemptId,
  entries: readonly StageEntry[],
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return entries.reduce<ImageRecord>((reached, { stage, at: time }) => enter(reached, stage, time), record);
}

/** Returns the image to the queue unchanged, for example at a shutdown. */
export function release(record: ImageRecord, attemptId: AttemptId): RecordIn<'queued'> | null {
  if (!isCurrent(record, attemptId)) return null;
  return { ...record, status: 'queued', internal: { ...record.internal, attemptToken: null } };
}

/** Why a step failed, and when it is tried again. */
export interface StepFailure {
  error: StoredError;
  /** Null if it is not known. */
  afterMs: number | null;
}

/** Returns the image to the queue after an error that is not final. */
export function retryLater(
  record: ImageRecord,
  attemptId: AttemptId,
  { error, afterMs }: StepFailure,
): RecordIn<'queued'> | null {
  const released = release(record, attemptId);
  if (released === null) return null;
  const nextAttemptAt = afterMs === null ? null : isoTime(nowMs() + afterMs);
  return { ...released, lastError: error, nextAttemptAt };
}

/** Returns the image to the queue after a fault of the service. `delayedSince` is the time of the first fault. */
export function delay(record: ImageRecord, attemptId: AttemptId, failure: StepFailure): ImageRecord | null {
  const released = retryLater(record, attemptId, failure);
  if (released === null) return null;
  const delayedSince = record.internal.delayedSince ?? isoTime();
  return { ...released, internal: { ...released.internal, delayedSince } };
}

/** Records a decision of the review on `subject`. A held image waits without an attempt. */
export function review(
  record: ImageRecord,
  attemptId: AttemptId,
  decided: Review,
  subject: string,
): RecordIn<'processing'> | null {
  if (!isCurrent(record, attemptId)) return null;
  const token = decided.decision === 'hold' ? { attemptToken: null, deaths: 0 } : {};
  const internal = { ...record.internal, ...token, delayedSince: null, reviewed: subject };
  return { ...enter(record, 'reviewing'), ...NO_RETRY, review: decided, internal };
}

/** Records that a put ended without a response, whatever has happened to the image since. */
export function noteLatePut(record: ImageRecord): ImageRecord | null {
  if (isDeleted(record)) return null;
  return { ...record, internal: { ...record.internal, unansweredPutAt: isoTime() } };
}

/** Whether neither a later attempt nor a deletion has taken the image over. */
export function isCurrent(record: ImageRecord, { run, token }: AttemptId): record is RecordIn<'processing'> {
  const mine = record.status === 'processing' && record.run === run && record.internal.attemptToken === token;
  return mine && record.deleteRequestedAt === null;
}
