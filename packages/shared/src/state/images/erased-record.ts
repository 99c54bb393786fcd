import { type ImageRecord, isOriginal, type RecordIn } from './image-record.js';
import { newRecord, unfetched } from './new-record.js';
import { storedError } from './stored-error.js';

/**
 * What remains of a deleted image: its owner, its times, and the code of its error. A sentence of an error may quote the
 * source or the row.
 */
export function erasedRecord(
  record: ImageRecord,
  end: Pick<RecordIn<'deleted'>, 'finishedAt' | 'expiresAt' | 'deleteRequestedAt'>,
): RecordIn<'deleted'> {
  const { id, owner, profile, createdAt, batchId, source, error, internal } = record;
  const { stage, version, run, attempts, updatedAt } = record;
  const { place, isInvalidRow, uploadToken, finalVersion } = internal;
  const bare = newRecord({
    id,
    owner,
    profile,
    externalId: null,
    metadata: {},
    source: unfetched(source.kind, null),
    declaredType: null,
    expectedSha256: null,
    createdAt,
    uploadToken,
  });
  return {
    ...bare,
    stage,
    version,
    run,
    attempts,
    batchId,
    updatedAt,
    ...end,
    status: 'deleted',
    timeline: [],
    error: error === null ? null : storedError(error.code),
    internal: {
      ...bare.internal,
      place,
      isInvalidRow,
      urls: isOriginal(record) ? Object.values(record.variants).flatMap(({ url }) => url ?? []) : [],
      ...(finalVersion === undefined ? {} : { finalVersion }),
    },
  };
}
