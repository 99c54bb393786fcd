import { createHash } from 'node:crypto';

/** Names a text of a caller, which may contain secrets, in 132 bits. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
