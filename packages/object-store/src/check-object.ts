import { factsOf } from './faults.js';
import { StorageFault } from './types.js';

/** Refuses keys that the client would send to another name than it signed: see pitfall 5 in the ali-oss notes. */
export function checkKey(operation: StorageFault['operation'], key: string): void {
  const segments = key.split('/');
  const isSafe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (isSafe && !key.includes('\\') && Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new StorageFault(operation, factsOf('rejected', 'InvalidObjectName'));
}

/** Refuses metadata that Node will not send (outside ASCII) or that OSS would sign differently. */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const isSafe = Object.entries(metadata).every(
    ([name, value]) => /^[a-z0-9-]+$/.test(name) && /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/.test(value),
  );
  if (!isSafe) throw new StorageFault('put', factsOf('rejected', 'InvalidMetadata'));
}

const MAX_KEY_BYTES = 1023;
