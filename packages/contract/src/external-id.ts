import { z } from 'zod';
import { reason } from './messages/reason.js';

/** In UTF-16 code units. */
export const EXTERNAL_ID_MAX_LENGTH = 256;

/** The caller's own id of an image. */
export const externalIdSchema = z
  .string()
  .min(1)
  .max(EXTERNAL_ID_MAX_LENGTH)
  .refine((id) => !/\p{Cs}/u.test(id), reason('lone-surrogate'));

const HASH_LENGTH = 32;

/**
 * The externalId of a file's path in a folder or an archive. A path longer than 256 characters becomes its hash and its end.
 * @param sha256 returns the hex SHA-256 of a text in UTF-8
 */
export function externalIdOfPath(path: string, sha256: (text: string) => string): string {
  if (path.length <= EXTERNAL_ID_MAX_LENGTH) return path;
  const end = path.slice(HASH_LENGTH + 1 - EXTERNAL_ID_MAX_LENGTH);
  // Drop half of a surrogate pair, which the server would reject.
  return `${sha256(path).slice(0, HASH_LENGTH)}:${end.replace(/^[\udc00-\udfff]/, '')}`;
}
