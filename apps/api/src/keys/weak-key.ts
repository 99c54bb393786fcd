export const MIN_KEY_LENGTH = 20;

/** Fewer different characters than a random key of the shortest length ever has: hexadecimal digits give ten or more. */
const MIN_DIFFERENT = 6;
const PLACEHOLDER =
  /changeme|changethis|replaceme|replacethis|placeholder|inserta?key|exampleapikey|your.{0,20}key|yoursecret/;
const REPEATED = /^(.{1,10})\1+$/s;

export type Weakness = 'too-short' | 'placeholder' | 'repeated';

/** Why a key can be guessed; null if nothing suggests it. */
export function weaknessOf(key: string): Weakness | null {
  if (PLACEHOLDER.test(key.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))) return 'placeholder';
  if (key.length < MIN_KEY_LENGTH) return 'too-short';
  return new Set(key).size < MIN_DIFFERENT || REPEATED.test(key) ? 'repeated' : null;
}
