import { createHash } from 'node:crypto';
import { externalIdOfPath } from '@pixdock/contract/external-id';

/** The externalId of a path within a folder. */
export function externalIdOf(path: string): string {
  return externalIdOfPath(path, (text) => createHash('sha256').update(text).digest('hex'));
}
