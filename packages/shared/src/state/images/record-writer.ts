import { randomBytes } from 'node:crypto';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { TAKEN_IMAGES } from '../changes.js';
import { failureGroupOf } from '../failures/failure-group.js';
import { type IndexScore, RECORD_OVERHEAD_BYTES, type RecordKeys } from '../record-keys.js';
import { eventOf } from '../webhooks/outbox-entry.js';
import { formatDocument } from './document.js';
import { type ImageRecord, isHeld } from './image-record.js';

/**
 * Returns the procedure that writes a record with its indexes, counts, change message and outbox entry in one step. It
 * returns 0, without a change, if Redis has another version than `before`, and -1 if the epoch has ended.
 * @param onEvent called after an entry was appended to the outbox
 */
export function recordWriter(redis: RedisConnection, keys: RecordKeys, onEvent: () => void) {
  const transition = loadScript<-1 | 0 | 1 | 2>('transition');

  return async (before: ImageRecord | null, after: ImageRecord, epoch: number): Promise<-1 | 0 | 1> => {
    const indexed = byName(before === null ? [] : keys.indexes(before));
    const indexes = byName(keys.indexes(after));
    const enters = [...indexes].flatMap(([name, score]) =>
      indexed.get(name)?.[1] === score[1] ? [] : [score],
    );
    const leaves = [...indexed].flatMap(([name, score]) => (indexes.has(name) ? [] : [score]));
    const item = itemPart(keys, before, after);
    const failure = failurePart(keys, before, after);
    const event = eventOf(before, after);
    const { owner } = after;
    const outbox = event === null ? [] : [keys.endpointsOf(owner), keys.outboxOf(owner), keys.outboxes];
    const written = await transition(
      redis,
      [
        keys.record(after.id),
        keys.expiring,
        keys.epoch,
        keys.recordBytes,
        ...leaves.map(([key]) => key),
        ...enters.map(([key]) => key),
        ...item.keys,
        ...failure.keys,
        ...outbox,
      ],
      {
        overhead: RECORD_OVERHEAD_BYTES,
        id: after.id,
        version: after.version,
        expiresAt: after.expiresAt === null ? undefined : Date.parse(after.expiresAt),
        hadExpiry: (before?.expiresAt ?? null) === null ? undefined : true,
        expectedVersion: before?.version ?? 0,
        writeId: randomBytes(12).toString('base64url'),
        leaves: leaves.map(([, , ...entry]) => entry),
        enters: enters.map(([, score, ...entry]) => [score, ...entry]),
        channels: keys.changes(''),
        taken: isTaken(before, after) ? keys.changes(TAKEN_IMAGES) : undefined,
        ...item.fields,
        owner,
        ...failure.fields,
        event: event === null ? undefined : JSON.stringify(event),
        epoch,
      },
      formatDocument(after),
    );
    if (written !== 2) return written;
    onEvent();
    return 1;
  };
}

/** An index can have several entries of a record. */
const byName = (scores: readonly IndexScore[]) =>
  new Map(scores.map((score) => [`${score[0]} ${score[2] ?? ''}`, score]));

function itemPart(keys: RecordKeys, before: ImageRecord | null, after: ImageRecord) {
  const { batchId, status, internal } = after;
  if (batchId === null) return { keys: [], fields: {} };
  const statusBefore = before?.status ?? countedAs(after);
  return {
    keys: [keys.batch(batchId), keys.window(batchId), keys.pending(batchId), keys.openBatches],
    fields: {
      batchId,
      statusBefore,
      status,
      place: internal.place ?? 0,
      held: heldChange(before, after),
      nowMs: nowMs(),
    },
  };
}

/** The change in the number of held items of its batch. */
function heldChange(before: ImageRecord | null, after: ImageRecord): -1 | 1 | undefined {
  const wasHeld = before !== null && isHeld(before);
  if (wasHeld === isHeld(after)) return undefined;
  return wasHeld ? -1 : 1;
}

function failurePart(keys: RecordKeys, before: ImageRecord | null, after: ImageRecord) {
  const groupBefore = before === null ? null : failureGroupOf(before);
  const group = failureGroupOf(after);
  const fields = {
    failure: group ?? undefined,
    failureBefore: groupBefore === null || groupBefore === group ? undefined : groupBefore,
  };
  const isFailure = groupBefore !== null || group !== null;
  return { keys: isFailure ? [keys.failuresOf(after.owner), keys.failingOwners] : [], fields };
}

/** Whether a change may take the image from an attempt in progress, of which its worker knows nothing yet. */
function isTaken(before: ImageRecord | null, after: ImageRecord): boolean {
  // Redis has lost the token of an attempt.
  if (before === null) return after.internal.keysLost;
  const { attemptToken: token } = before.internal;
  if (token === null) return false;
  const { attemptToken: next } = after.internal;
  return (next !== null && next !== token) || after.status === 'canceled' || after.deleteRequestedAt !== null;
}

const countedAs = ({ internal }: ImageRecord) => (internal.isInvalidRow ? 'failed' : 'queued');
