import type { ImageRecord } from './image-record.js';
import type { Records } from './records.js';
import { restoreRecord } from './restore-record.js';

/**
 * Creates the record of a staged image that Redis does not have, as a restore does, so that its version fits that of a
 * concurrent restore.
 * @returns the record that Redis has then: null if another process created it and it was forgotten since
 */
export async function recreateRecord(
  records: Pick<Records, 'create' | 'get'>,
  staged: ImageRecord,
): Promise<{ record: ImageRecord | null; isCreated: boolean }> {
  const record = restoreRecord(staged);
  if (await records.create(record)) return { record, isCreated: true };
  return { record: await records.get(staged.id), isCreated: false };
}
