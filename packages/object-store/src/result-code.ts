import { KNOWN_CODES } from './fix-for.js';
import type { FaultFacts } from './types.js';

/** Codes that belong to normal work: an existing key, and an object that does not exist. */
const EXPECTED = ['FileAlreadyExists', 'NoSuchKey'];

/** The code of a failed call for metrics: a known one, else the kind of the fault, because servers may send any code. */
export function resultCode({ code, kind }: Pick<FaultFacts, 'code' | 'kind'>): string {
  return KNOWN_CODES.has(code) || EXPECTED.includes(code) ? code : kind;
}
