import { isSettled } from '@pixdock/contract/status';
import type { Parts } from '../deps.js';

/**
 * Forgets an image whose retention has ended; its objects stay. False when a request changed it meanwhile: then it stays.
 * @param dueMs when its retention must have ended; that of an item ends with its batch's
 */
export async function forgetImage(
  { images, staging }: Parts<'images' | 'staging'>,
  id: string,
  dueMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const record = await images.inRedis(id);
  if (record === null) await images.dropExpiry(id);
  else {
    // Only the record has the deletion time of an image.
    if (!isSettled(record) || record.deleteAt !== null || Date.parse(record.expiresAt ?? '') > dueMs)
      return false;
    // First, since only the record has a version to compare. After a crash, a restore brings the record back, as expired.
    if (!(await images.forget(record))) return false;
  }
  await staging.forget(id);
  return true;
}
