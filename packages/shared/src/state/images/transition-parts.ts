import type { Stage } from '@pixdock/contract/image';
import { isoTime, nowMs } from '../../runtime/clock.js';
import type { ImageRecord } from './image-record.js';

// Retries and outages could add any number of entries: keep the first one and the latest.
const TIMELINE_MAX = 50;

/** Enters a stage. A review that continues after a decision was entered before. */
export function enter<R extends ImageRecord>(record: R, stage: Stage, at = isoTime()): R {
  if (stage === 'reviewing' && record.stage === stage) return record;
  const entry = { stage, at };
  const [first, ...rest] = record.timeline;
  const timeline = first === undefined ? [entry] : [first, ...rest.slice(2 - TIMELINE_MAX), entry];
  return { ...record, stage, timeline };
}

export function forgetSource<R extends ImageRecord>(record: R): R {
  const nothing = { bytes: null, sha256: null, mediaType: null, width: null, height: null, frames: null };
  return { ...record, source: { ...record.source, ...nothing } };
}

export const NO_RETRY = { lastError: null, nextAttemptAt: null };

/** A record is kept at least until the deletion of its image is due, since nothing else has that time. */
export function endNow({ deleteAt }: Pick<ImageRecord, 'deleteAt'>, retentionMs: number) {
  const now = nowMs();
  const expiresMs = Math.max(now + retentionMs, deleteAt === null ? 0 : Date.parse(deleteAt));
  return { ...NO_RETRY, finishedAt: isoTime(now), expiresAt: isoTime(expiresMs) };
}
