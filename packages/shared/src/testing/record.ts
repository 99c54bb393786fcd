import { randomBytes } from 'node:crypto';
import { type ImageRecord, recordSchema } from '../state/images/image-record.js';
import { newRecord } from '../state/images/new-record.js';
import { storedError } from '../state/images/stored-error.js';

/** Fields of a record, those that depend on the status with every value that they may have. */
export type RecordChanges = Partial<Pick<ImageRecord, keyof ImageRecord>>;

/** A record right after its submission, with changes. */
export function testRecord(changes: RecordChanges = {}): ImageRecord {
  const record = newRecord({
    id: `img_${randomBytes(16).toString('hex')}`,
    owner: 'acme',
    profile: 'default',
    externalId: null,
    metadata: {},
    source: {
      kind: 'upload',
      url: null,
      filename: 'photo.jpg',
      bytes: 3,
      sha256: 'ab'.repeat(32),
      mediaType: 'image/jpeg',
    },
    declaredType: 'image/jpeg',
    expectedSha256: null,
  });
  return changedRecord(record, changes);
}

/** A record with changes, and with the fields that a changed status requires. */
export function changedRecord(record: ImageRecord, changes: RecordChanges): ImageRecord {
  const { status } = changes;
  const ofStatus = status === undefined ? {} : { ...FIELDS_OF_OPEN, ...fieldsOfEnded(record)[status] };
  return recordSchema.parse({ ...record, ...ofStatus, ...changes });
}

const FIELDS_OF_OPEN = { url: null, error: null, finishedAt: null };

function fieldsOfEnded({ updatedAt: finishedAt }: ImageRecord): Partial<Record<string, RecordChanges>> {
  return {
    published: { finishedAt },
    failed: { finishedAt, error: storedError('image_truncated') },
    canceled: { finishedAt, error: storedError('canceled') },
    deleted: { finishedAt },
  };
}
