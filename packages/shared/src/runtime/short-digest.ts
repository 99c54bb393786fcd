import { createHash } from 'node:crypto';

/** A digest of 132 bits that identifies a caller's text, which may contain secrets. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
