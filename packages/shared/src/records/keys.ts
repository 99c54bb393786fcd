import { createHash } from 'node:crypto';
import type { ImageRecord, Status } from '../contract/image.js';

/** Names of everything that records keep in Redis, below one hash-tagged prefix. */
export function recordKeys(prefix: string) {
  const ofOwner = (owner: string) => `${prefix}:images:${owner}`;
  const ofStatus = (owner: string, status: Status) => `${ofOwner(owner)}:status:${status}`;
  // Hashed, since an external id is the caller's text of any form.
  const ofExternalId = (owner: string, externalId: string) =>
    `${ofOwner(owner)}:external:${createHash('sha256').update(externalId).digest('base64url').slice(0, 22)}`;
  const ofBatch = (batchId: string) => `${prefix}:batch:${batchId}:images`;
  return {
    record: (id: string) => `${prefix}:image:${id}`,
    expiring: `${prefix}:expiring`,
    /** Every change of a record is published here as `{id} {version}`. */
    changes: `${prefix}:changes`,
    idempotency: (owner: string, keyHash: string) => `${prefix}:idempotency:${owner}:${keyHash}`,
    epoch: `${prefix}:epoch`,
    storage: `${prefix}:storage`,
    ofOwner,
    ofStatus,
    ofExternalId,
    ofBatch,
    /** The indexes (sorted sets by creation time) that a record stands in. */
    indexes(record: ImageRecord): string[] {
      const keys = [ofOwner(record.owner), ofStatus(record.owner, record.status)];
      if (record.externalId !== null) keys.push(ofExternalId(record.owner, record.externalId));
      if (record.batchId !== null) keys.push(ofBatch(record.batchId));
      return keys;
    },
  };
}

export type RecordKeys = ReturnType<typeof recordKeys>;
