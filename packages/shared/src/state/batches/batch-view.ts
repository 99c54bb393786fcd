import type { Batch } from '@pixdock/contract/batch';
import { byStatus, countOf, OPEN_STATUSES, STATUSES } from '@pixdock/contract/status';
import { isoTime } from '../../runtime/clock.js';
import { type BatchState, isEndClosed } from './batch-state.js';

/** A batch as its owner sees it. One version has one content, with rate and estimate. */
export function toBatch(state: BatchState): Batch {
  const { id, owner, name, format, profile, total, rows, version, held } = state;
  const remaining = countOf(state, OPEN_STATUSES);
  const isRunning = remaining > 0 || state.retries.length > 0 || !isEndClosed(state);
  const rate = itemsPerSecond(state);
  return {
    id,
    status: isRunning ? 'running' : endStatusOf(state),
    version,
    owner,
    name,
    format,
    profile,
    total,
    rows,
    counts: byStatus(STATUSES, (status) => state[status]),
    held,
    progress: total === 0 ? 1 : (total - remaining) / total,
    itemsPerSecond: rate,
    etaSeconds: etaSeconds(remaining, rate, held),
    createdAt: isoTime(state.createdAt),
    updatedAt: isoTime(state.updatedAt),
    finishedAt: isRunning ? null : timeOf(state.finishedAt),
    expiresAt: timeOf(state.expiresAt),
    cancelRequestedAt: timeOf(state.cancelRequestedAt),
    deleteRequestedAt: timeOf(state.deleteRequestedAt),
  };
}

/** Null if it is unknown, for example while items wait for a person. */
function etaSeconds(remaining: number, rate: number | null, held: number): number | null {
  if (remaining === 0) return 0;
  return held > 0 || rate === null || rate === 0 ? null : Math.ceil(remaining / rate);
}

/** The status of a batch without work left. */
export const endStatusOf = ({ cancelRequestedAt }: BatchState) =>
  cancelRequestedAt === null ? 'finished' : 'canceled';

/** The rate of a finished batch over its whole time, and of an open batch since the older sample. Null in the first second. */
function itemsPerSecond(state: BatchState): number | null {
  const { finishedAt, createdAt, olderSampleAt, olderSampleDone } = state;
  const done = state.total - countOf(state, OPEN_STATUSES);
  const [since, before] = finishedAt === null ? [olderSampleAt, olderSampleDone] : [createdAt, 0];
  const seconds = ((finishedAt ?? state.updatedAt) - since) / 1000;
  if (seconds < 1 && finishedAt === null) return null;
  return Math.round((Math.max(0, done - before) / Math.max(seconds, 0.001)) * 100) / 100;
}

const timeOf = (ms: number | null) => (ms === null ? null : isoTime(ms));
