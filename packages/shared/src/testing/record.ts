import { randomBytes } from 'node:crypto';
import type { ImageRecord } from '../state/records/image-record.js';
import { newRecord } from '../state/records/new-record.js';

/** A record right after its submission. */
export function testRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const record = newRecord({
    id: `img_${randomBytes(16).toString('hex')}`,
    owner: 'acme',
    profile: 'default',
    externalId: null,
    metadata: {},
    source: {
      kind: 'upload',
      filename: 'photo.jpg',
      bytes: 3,
      sha256: 'ab'.repeat(32),
      mediaType: 'image/jpeg',
    },
    declaredType: 'image/jpeg',
    expectedSha256: null,
  });
  return { ...record, ...changes };
}
