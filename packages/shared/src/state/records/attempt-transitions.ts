import type { Placeholder, Receipt, Stage, VariantResult } from '@pixdock/contract/image';
import { isoTime } from '../../runtime/clock.js';
import { type ImageRecord, isOpen, type RecordIn } from './image-record.js';
import type { StoredError } from './stored-error.js';
import { endNow, enter, forgetSource, NO_RETRY } from './transition-parts.js';

/** The transitions of an image that an attempt makes. All but `begin` and `noteKeys` require that the attempt is current. */

/**
 * Identifies one attempt at one run. The token is random: a counter would repeat after a record is restored. The record has
 * the token of the current attempt in `internal.holder`; every other attempt has lost the image.
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
  const died = record.internal.holder === null ? 0 : 1;
  const isHandedOver = record.status === 'processing' && died === 0;
  return {
    ...enter(record, stage),
    status: 'processing',
    attempts: record.attempts + (isHandedOver ? 0 : 1),
    nextAttemptAt: null,
    internal: { ...record.internal, holder: token, deaths: record.internal.deaths + died },
  };
}

/** Enters the next stage; `keys` are those that the attempt is about to write. */
export function advance(
  record: ImageRecord,
  attemptId: AttemptId,
  stage: Stage,
  keys?: readonly string[],
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  const internal = keys === undefined ? record.internal : { ...record.internal, keys: [...keys] };
  return { ...enter(record, stage), internal };
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
  return { ...record, status: 'queued', internal: { ...record.internal, holder: null } };
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
  const nextAttemptAt = afterMs === null ? null : isoTime(Date.now() + afterMs);
  return { ...released, lastError: error, nextAttemptAt };
}

/** Returns the image to the queue after a fault of the service. `heldSince` is the time of the first fault. */
export function hold(record: ImageRecord, attemptId: AttemptId, failure: StepFailure): ImageRecord | null {
  const released = retryLater(record, attemptId, failure);
  if (released === null) return null;
  const heldSince = record.internal.heldSince ?? isoTime();
  return { ...released, internal: { ...released.internal, heldSince } };
}

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

export interface Publication {
  width: number;
  height: number;
  frames: number;
  variants: Record<string, VariantResult>;
  placeholder: Placeholder;
  receipt: Receipt;
}

/** Publishes the image: all of its variants are in OSS, and verified. */
export function publish(
  record: ImageRecord,
  attemptId: AttemptId,
  { width, height, frames, variants, placeholder, receipt }: Publication,
  retentionMs: number,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return {
    ...enter(record, 'published'),
    ...endNow(retentionMs),
    status: 'published',
    source: { ...record.source, width, height, frames },
    url: variants.main?.url ?? null,
    variants,
    placeholder,
    receipt,
    error: null,
    internal: { ...record.internal, ...RUN_ENDED, keysLost: false },
  };
}

/** Ends the run with a fault of the image or its source. */
export function fail(
  record: ImageRecord,
  attemptId: AttemptId,
  error: StoredError,
  /** Keys whose objects could not be removed. */
  leftKeys: string[],
  retentionMs: number,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return {
    ...record,
    ...endNow(retentionMs),
    status: 'failed',
    error,
    internal: { ...record.internal, ...RUN_ENDED, keys: leftKeys },
  };
}

/** Records keys that an attempt may have written after another attempt failed the image. */
export function noteKeys(record: ImageRecord, run: number, keys: readonly string[]): ImageRecord | null {
  const all = new Set([...record.internal.keys, ...keys]);
  const isNew = all.size > record.internal.keys.length;
  if (record.status !== 'failed' || record.run !== run || !isNew) return null;
  return { ...record, internal: { ...record.internal, keys: [...all] } };
}

/** Whether neither a later attempt nor a deletion has taken the image over. */
export function isCurrent(record: ImageRecord, { run, token }: AttemptId): record is RecordIn<'processing'> {
  const mine = record.status === 'processing' && record.run === run && record.internal.holder === token;
  return mine && record.deleteRequestedAt === null;
}

const RUN_ENDED = { holder: null, heldSince: null, deaths: 0, fetches: 0 };
