import { randomBytes } from 'node:crypto';
import type { ImageRecord } from '../contract/image.js';

/** A record as a submission makes it. */
export function testRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const now = new Date().toISOString();
  return {
    id: `img_${randomBytes(16).toString('hex')}`,
    status: 'queued',
    stage: 'received',
    version: 1,
    run: 1,
    attempts: 0,
    owner: 'acme',
    profile: 'default',
    externalId: null,
    metadata: {},
    batchId: null,
    row: null,
    createdAt: now,
    updatedAt: now,
    finishedAt: null,
    expiresAt: null,
    deleteRequestedAt: null,
    source: {
      kind: 'upload',
      filename: 'photo.jpg',
      bytes: 3,
      sha256: 'ab'.repeat(32),
      mediaType: 'image/jpeg',
      width: null,
      height: null,
      frames: null,
    },
    url: null,
    variants: {},
    placeholder: null,
    receipt: null,
    timeline: [{ stage: 'received', at: now }],
    error: null,
    internal: { declaredType: 'image/jpeg', holder: null, keys: [], heldSince: null, deaths: 0 },
    ...changes,
  };
}
