import { createHash } from 'node:crypto';

/** The path as externalId, which has 256 characters at most; a longer one keeps its end, after a hash that tells it from others. */
export function externalIdOf(path: string): string {
  if (path.length <= 256) return path;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  // Not through the middle of a character, which the server refuses.
  return `${hash}:${path.slice(-223).replace(/^[\udc00-\udfff]/, '')}`;
}
