import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Status } from '@pixdock/contract/status';
import { shortDigest } from '../runtime/short-digest.js';
import { failureGroupOf } from './failures/failure-group.js';
import { type ImageRecord, isHeld, isOriginal, isReplacing } from './images/image-record.js';
import { namesOf } from './images/names.js';

/** Bytes of a record in Redis beside its document: its key, other fields and entries in indexes, except those of names, metadata and requests. */
export const RECORD_OVERHEAD_BYTES = 1536;

/** Bytes of a batch in Redis beside the records of its items: its state and its entries in indexes, also once it is deleted. */
export const BATCH_BYTES = 1024;

/** The keys of records and batches in Redis, below one hash-tagged prefix. */
export function recordKeys(prefix: string) {
  const ofOwner = (owner: string) => `${prefix}:images:${owner}`;
  const batch = (batchId: string) => `${prefix}:batch:${batchId}`;
  const failuresOf = (owner: string) => `${prefix}:failures:${owner}`;
  const keys = {
    record: (id: string) => `${prefix}:image:${id}`,
    expiring: `${prefix}:expiring`,
    /** Images to delete, and images that will replace others, by the time of the sweep's next check. */
    deletionsOf: (owner: string) => `${ofOwner(owner)}:deletions`,
    /** Bytes of the records of each owner. */
    recordBytes: `${prefix}:record-bytes`,
    /** The channel of the changes about an image, a batch or an owner, see `changes.ts`. */
    changes: (topic: string) => `${prefix}:changes:${topic}`,
    /** Bytes of the responses stored for an owner's Idempotency-Keys in a period. */
    claimBytes: (owner: string, period: number) => `${prefix}:claim-bytes:${owner}:${period}`,
    idempotency: (owner: string, keyHash: string) => `${prefix}:idempotency:${owner}:${keyHash}`,
    /** The state of Redis, see `epoch.ts`. */
    epoch: `${prefix}:epoch`,
    /** Bytes of an owner's events with their deliveries: of all, of ended ones, and of pending ones by endpoint. */
    eventBytes: (owner: string) => `${prefix}:deliveries-bytes:${owner}`,
    /** Endpoints of an owner that get events: what each wants, by id. */
    endpointsOf: (owner: string) => `${prefix}:webhooks:${owner}`,
    /** Stream of an owner's events that are not yet deliveries. */
    outboxOf: (owner: string) => `${prefix}:outbox:${owner}`,
    /** Owners with such events. */
    outboxes: `${prefix}:outboxes`,
    /** Today's use of the CDN quota. */
    cdn: `${prefix}:cdn`,
    /** The lease of the worker that refreshes. */
    cdnRefreshing: `${prefix}:cdn-refreshing`,
    /** The lease of the process that restores. */
    restoring: `${prefix}:restoring`,
    /** Exists for some time after a worker began to walk over all staged images. */
    walked: `${prefix}:walked`,
    /** The faults of OSS that workers report, by the time at which each report expires. */
    storageFaults: `${prefix}:storage-faults`,
    /** Bytes that processes have stored in staging, and the processes with reservations, see `shared-bytes.ts`. */
    stagingBytes: (kind: 'uploads' | 'work') => `${prefix}:staging-bytes:${kind}`,
    stagingReservers: (kind: 'uploads' | 'work') => `${prefix}:staging-reservers:${kind}`,
    /** Since when processing is paused; absent while it is not. */
    paused: `${prefix}:paused`,
    /** Workers that run, by the time of their last report. */
    workers: `${prefix}:workers`,
    /** The hosts whose clock differs, and by how much. */
    clocks: `${prefix}:clocks`,
    /** What became of images in a minute. */
    outcomes: (slot: number) => `${prefix}:outcomes:${slot}`,
    /** Owners with failed images. */
    failingOwners: `${prefix}:failures`,
    /** The groups of an owner's failed images. */
    failuresOf,
    /** The failed images of a group, by the time of their failure. */
    ofFailure: (owner: string, group: string) => `${failuresOf(owner)}:${group}`,
    ofOwner,
    ofStatus: (owner: string, status: Status) => `${ofOwner(owner)}:status:${status}`,
    ofExternalId: (owner: string, externalId: string) =>
      `${ofOwner(owner)}:external:${shortDigest(externalId)}`,
    ofMetadata: (owner: string, key: string, value: string) =>
      `${ofOwner(owner)}:metadata:${shortDigest(`${key}\0${value}`)}`,
    /** Held images of an owner, and of all owners, by the time at which they were held. */
    ofHeld: (owner: string) => `${ofOwner(owner)}:held`,
    held: `${prefix}:held`,
    /** Images by their names, see `names.ts`. */
    ofNames: (owner: string) => `${ofOwner(owner)}:names`,
    /** Images whose source has a label of AI-generated content. */
    ofAiLabels: (owner: string) => `${ofOwner(owner)}:ai-labels`,
    /** Images with an error code; a deleted image keeps its error. */
    ofCode: (owner: string, code: ErrorCode) => `${ofOwner(owner)}:code:${code}`,
    ofBatch: (batchId: string) => `${batch(batchId)}:images`,
    /** Originals by the digest of their source. */
    ofSha256: (owner: string, sha256: string) => `${ofOwner(owner)}:sha256:${sha256.slice(0, 32)}`,
    /** Published images, and items that have become one, by the digest of the request whose response has a validator. */
    ofRequest: (owner: string, request: string) => `${ofOwner(owner)}:request:${request}`,
    /** Images that a reviewer approved or rejected, by the subject of that decision. */
    ofVerdict: (owner: string, subject: string) => `${ofOwner(owner)}:verdict:${subject}`,
    batch,
    ofItemStatus: (batchId: string, status: Status) => `${batch(batchId)}:status:${status}`,
    ofItemCode: (batchId: string, code: ErrorCode) => `${batch(batchId)}:code:${code}`,
    /** Items with an invalid row and a record, for example because they are deleted. */
    ofInvalidRows: (batchId: string) => `${batch(batchId)}:invalid-rows`,
    /** Items with a job, and the host that each is fetched from. */
    window: (batchId: string) => `${batch(batchId)}:window`,
    /** Pending items, by place. */
    pending: (batchId: string) => `${batch(batchId)}:pending`,
    /** How many items took each shared source. */
    sharedUses: (batchId: string) => `${batch(batchId)}:taken`,
    batchesOf: (owner: string) => `${prefix}:batches:${owner}`,
    /** Batches with work left. */
    openBatches: `${prefix}:batches-open`,
    /** The indexes (sorted sets) that contain a record. */
    indexes(record: ImageRecord): IndexScore[] {
      const { id, owner, status, externalId, metadata, batchId, source, receipt, error } = record;
      const created = scoreOf(record);
      const scores: IndexScore[] = [
        [ofOwner(owner), created],
        [keys.ofStatus(owner, status), created],
      ];
      if (isHeld(record)) {
        const since = Date.parse(record.review.heldAt ?? record.review.at);
        scores.push([keys.ofHeld(owner), since], [keys.held, since]);
      }
      const group = failureGroupOf(record);
      if (group !== null) scores.push([keys.ofFailure(owner, group), Date.parse(record.finishedAt ?? '')]);
      if (externalId !== null) scores.push([keys.ofExternalId(owner, externalId), created]);
      for (const name of namesOf(record)) scores.push([keys.ofNames(owner), 0, name, bytesOfName(name)]);
      for (const key of record.internal.metadataIndex) {
        const value = metadata[key];
        if (value !== undefined) scores.push([keys.ofMetadata(owner, key, value), created, id, SET_BYTES]);
      }
      if (error !== null) scores.push([keys.ofCode(owner, error.code), created]);
      if (hasAiLabel(receipt)) scores.push([keys.ofAiLabels(owner), created]);
      if (isOriginal(record) && source.sha256 !== null)
        scores.push([keys.ofSha256(owner, source.sha256), created]);
      const { validator } = record.internal;
      if (status === 'published' && validator !== null)
        scores.push([keys.ofRequest(owner, validator.request), created, id, SET_BYTES]);
      const { reviewed } = record.internal;
      if (reviewed !== null && hasVerdict(record))
        scores.push([keys.ofVerdict(owner, reviewed), created, id, SET_BYTES]);
      const due = dueAt(record);
      if (due !== null) scores.push([keys.deletionsOf(owner), due, id, bytesOfName(id)]);
      if (batchId === null) return scores;
      const place = record.internal.place ?? 0;
      scores.push([keys.ofBatch(batchId), created], [keys.ofItemStatus(batchId, status), place]);
      if (error !== null) scores.push([keys.ofItemCode(batchId, error.code), place]);
      if (record.internal.isInvalidRow) scores.push([keys.ofInvalidRows(batchId), place]);
      return scores;
    },
  };
  return keys;
}

/** An index and the score of a record in it; if another member than its id stands for it, or its place is counted alone, also member and bytes. */
export type IndexScore = [key: string, score: number, ...entry: IndexEntry];
export type IndexEntry = [] | [member: string, bytes: number];

/** Bytes of an entry in a large sorted set beside its member. */
const ENTRY_BYTES = 112;
const bytesOfName = (name: string) => ENTRY_BYTES + Buffer.byteLength(name);

/** Bytes of a sorted set with one entry: of a value of metadata or a request that only one image has. */
const SET_BYTES = 256;

/** After this time, every submission that came before a published image has its record. */
const REPLACES_AFTER_MS = 10_000;

/** The time of the sweep's next check of an image, in ms; null if it needs none. */
export function dueAt(record: ImageRecord): number | null {
  const { finishedAt, deleteAt } = record;
  if (isReplacing(record)) return Date.parse(finishedAt ?? '') + REPLACES_AFTER_MS;
  return deleteAt === null ? null : Date.parse(deleteAt);
}

/** Whether a reviewer has approved or rejected the image. Nobody decided on one that was held for too long. */
const hasVerdict = ({ review }: ImageRecord) =>
  review !== undefined && review.decision !== 'hold' && review.by !== 'timeout';

const hasAiLabel = (receipt: ImageRecord['receipt']) => (receipt?.aiLabel ?? null) !== null;

/*
 * The creation time, with the place of an item as its fraction: the items of a batch have one creation time, and a page of a
 * list would have to read all of them. Doubles of this size have 12 bits after the point.
 */
const FRACTIONS = 4096;
const ITEMS_PER_FRACTION = 32;

function scoreOf({ createdAt, internal }: ImageRecord): number {
  const fraction = Math.floor((internal.place ?? 0) / ITEMS_PER_FRACTION);
  return Date.parse(createdAt) + Math.min(fraction, FRACTIONS - 1) / FRACTIONS;
}

export type RecordKeys = ReturnType<typeof recordKeys>;
