import { randomBytes } from 'node:crypto';
import { isOpenStatus, isUnpublishedStatus, type Status } from '@pixdock/contract/status';
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
  const ofStatus = status === undefined ? {} : { ...FIELDS_OF_OPEN, ...fieldsOf(status, record) };
  return recordSchema.parse({ ...record, ...ofStatus, ...changes });
}

const FIELDS_OF_OPEN = { url: null, error: null, finishedAt: null };

function fieldsOf(status: Status, { updatedAt: finishedAt }: ImageRecord): RecordChanges {
  if (isOpenStatus(status)) return {};
  if (!isUnpublishedStatus(status)) return { finishedAt };
  return { finishedAt, error: storedError(status === 'canceled' ? status : 'image_truncated') };
}
