import { createHash } from 'node:crypto';

/** The externalId of a path: at most 256 characters. A longer path becomes its hash and its end. */
export function externalIdOf(path: string): string {
  if (path.length <= 256) return path;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  // Drop half of a surrogate pair, which the server would reject.
  return `${hash}:${path.slice(-223).replace(/^[\udc00-\udfff]/, '')}`;
}
