import {
  FINAL_STATUSES,
  type Placeholder,
  type Receipt,
  type Stage,
  type VariantResult,
} from '@pixdock/contract/image';
import { isoTime } from '../../runtime/clock.js';
import type { ImageRecord } from './image-record.js';
import { type StoredError, storedError } from './stored-error.js';

/**
 * What can happen to an image. Each function returns the record as it becomes, or null where the step is not allowed
 * from here: the state machine of design.md, in one place and without I/O.
 */

/**
 * Names one attempt at one run. The mark is random, since counting would give two attempts one name after a record was
 * restored; an attempt that does not find its own in the record has lost the image.
 */
export interface Attempt {
  run: number;
  holder: string;
}

/**
 * A worker takes the image. One that is found still held means the attempt before ended without a word; one that is
 * `processing` and held by nobody was handed over, and is the same attempt going on.
 */
export function begin(record: ImageRecord, { run, holder }: Attempt, stage: Stage): ImageRecord | null {
  const open = record.status === 'queued' || record.status === 'processing';
  if (!open || record.run !== run || record.deleteRequestedAt !== null) return null;
  const died = record.internal.holder === null ? 0 : 1;
  const isHandedOver = record.status === 'processing' && died === 0;
  return {
    ...enter(record, stage),
    status: 'processing',
    attempts: record.attempts + (isHandedOver ? 0 : 1),
    internal: { ...record.internal, holder, deaths: record.internal.deaths + died },
  };
}

/** The attempt comes to the next stage; `keys` are those that it is about to write, noted before it does. */
export function advance(record: ImageRecord, at: Attempt, stage: Stage, keys?: string[]): ImageRecord | null {
  if (!holds(record, at)) return null;
  const internal = keys === undefined ? record.internal : { ...record.internal, keys };
  return { ...enter(record, stage), internal };
}

/** Gives the image back to the queue: a shutdown, or a fault of the service, whose first moment `heldSince` keeps. */
export function release(record: ImageRecord, at: Attempt, fault: boolean): ImageRecord | null {
  if (!holds(record, at)) return null;
  const heldSince = fault ? (record.internal.heldSince ?? isoTime()) : record.internal.heldSince;
  return { ...record, status: 'queued', internal: { ...record.internal, holder: null, heldSince } };
}

/** What fetching found out about a source. */
export interface FetchedSource {
  filename: string | null;
  bytes: number;
  sha256: string;
  mediaType: string;
  declaredType: string | null;
}

/** The source is here; whoever decodes takes the image from here. */
export function fetched(
  record: ImageRecord,
  at: Attempt,
  { declaredType, ...source }: FetchedSource,
): ImageRecord | null {
  if (!holds(record, at)) return null;
  const internal = { ...record.internal, declaredType, holder: null, heldSince: null, fetches: 0 };
  return { ...record, source: { ...record.source, ...source }, internal };
}

/** The source is not here any more, but can be fetched again. */
export function refetch(record: ImageRecord, at: Attempt): ImageRecord | null {
  if (!holds(record, at)) return null;
  return { ...forgetSource(record), internal: { ...record.internal, holder: null } };
}

/** The source's host may do better later. */
export function fetchLater(record: ImageRecord, at: Attempt): ImageRecord | null {
  const released = release(record, at, false);
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

/** All variants of the attempt are in OSS, and verified. */
export function publish(
  record: ImageRecord,
  at: Attempt,
  { width, height, frames, ...result }: Publication,
  retentionMs: number,
): ImageRecord | null {
  if (!holds(record, at)) return null;
  return {
    ...finish(enter(record, 'published'), retentionMs),
    status: 'published',
    source: { ...record.source, width, height, frames },
    url: result.variants.main?.url ?? null,
    ...result,
    error: null,
    internal: {
      ...record.internal,
      holder: null,
      keysLost: false,
      heldSince: null,
      deaths: 0,
      fetches: 0,
    },
  };
}

/** The run ends with what is wrong with the image, or with its source. */
export function fail(
  record: ImageRecord,
  at: Attempt,
  error: StoredError,
  /** Keys whose objects could not be removed. */
  leftKeys: string[],
  retentionMs: number,
): ImageRecord | null {
  if (!holds(record, at)) return null;
  return {
    ...finish(record, retentionMs),
    status: 'failed',
    error,
    internal: { ...record.internal, holder: null, keys: leftKeys, heldSince: null, deaths: 0, fetches: 0 },
  };
}

/** Keys that an attempt may have written whose image has failed by another one. */
export function noteKeys(record: ImageRecord, run: number, keys: readonly string[]): ImageRecord | null {
  const all = new Set([...record.internal.keys, ...keys]);
  const isNew = all.size > record.internal.keys.length;
  if (record.status !== 'failed' || record.run !== run || !isNew) return null;
  return { ...record, internal: { ...record.internal, keys: [...all] } };
}

/** A batch's row that was at fault from the beginning. */
export function failAtOnce(record: ImageRecord, error: StoredError, retentionMs: number): ImageRecord {
  return { ...finish(record, retentionMs), status: 'failed', error };
}

/** Ends what is not final. Whoever has it in hand finds out at its next step and removes what it wrote. */
export function cancel(record: ImageRecord, retentionMs: number): ImageRecord | null {
  if (FINAL_STATUSES.includes(record.status)) return null;
  return {
    ...finish(record, retentionMs),
    status: 'canceled',
    error: storedError('canceled'),
    internal: { ...record.internal, holder: null },
  };
}

/** A fetched source is fetched again: the failure may have been of what was served. */
export function retry(record: ImageRecord): ImageRecord | null {
  if (record.status !== 'failed' || record.deleteRequestedAt !== null) return null;
  const isFetched = record.source.kind === 'url' || record.batchId !== null;
  return {
    ...enter(isFetched ? forgetSource(record) : record, 'received'),
    status: 'queued',
    run: record.run + 1,
    finishedAt: null,
    expiresAt: null,
    error: null,
  };
}

/** It will be deleted: no attempt goes on from here, and nothing takes it back. */
export function requestDelete(record: ImageRecord): ImageRecord | null {
  return record.deleteRequestedAt === null ? { ...record, deleteRequestedAt: isoTime() } : null;
}

/** Its objects are gone, and nothing that tells of them is told any more. */
export function markDeleted(record: ImageRecord, retentionMs: number): ImageRecord | null {
  if (record.status === 'deleted' || record.deleteRequestedAt === null) return null;
  return {
    ...finish(record, retentionMs),
    status: 'deleted',
    url: null,
    variants: {},
    placeholder: null,
    internal: { ...record.internal, holder: null, keys: [] },
  };
}

/** Whether this attempt still has the image. */
export function holds(record: ImageRecord, { run, holder }: Attempt): boolean {
  const mine = record.status === 'processing' && record.run === run && record.internal.holder === holder;
  return mine && record.deleteRequestedAt === null;
}

function forgetSource(record: ImageRecord): ImageRecord {
  const nothing = { bytes: null, sha256: null, mediaType: null, width: null, height: null, frames: null };
  return { ...record, source: { ...record.source, ...nothing } };
}

// Retries and outages could make it endless; the first steps and the latest ones tell the story.
const TIMELINE_MAX = 50;

function enter(record: ImageRecord, stage: Stage): ImageRecord {
  const entry = { stage, at: isoTime() };
  const [first, ...rest] = record.timeline;
  const timeline = first === undefined ? [entry] : [first, ...rest.slice(2 - TIMELINE_MAX), entry];
  return { ...record, stage, timeline };
}

function finish(record: ImageRecord, retentionMs: number): ImageRecord {
  const now = Date.now();
  return { ...record, finishedAt: isoTime(now), expiresAt: isoTime(now + retentionMs) };
}
