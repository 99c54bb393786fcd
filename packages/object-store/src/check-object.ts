import { factsOf } from './faults.js';
import { StorageFault } from './types.js';

/** Rejects keys that ali-oss would normalize after signing. @throws StorageFault InvalidObjectName */
export function checkKey(operation: StorageFault['operation'], key: string): void {
  const segments = key.split('/');
  const isSafe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (isSafe && !key.includes('\\') && Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new StorageFault(operation, factsOf('rejected', 'InvalidObjectName'));
}

/** Rejects metadata that Node cannot send (non-ASCII) or that OSS would sign differently. @throws StorageFault InvalidMetadata */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const isSafe = Object.entries(metadata).every(
    ([name, value]) => /^[a-z0-9-]+$/.test(name) && /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/.test(value),
  );
  if (!isSafe) throw new StorageFault('put', factsOf('rejected', 'InvalidMetadata'));
}

const MAX_KEY_BYTES = 1023;
