import { readFileSync } from 'node:fs';
import { asError } from './as-error.js';
import { type SettingsReader, splitList } from './env.js';
import { describeFileError } from './messages/files.js';
import { say } from './messages/key-pairs.js';

interface PairRules {
  /** How a pair is written, for example `owner:key`. */
  form: string;
  /** Of the name before the colon. */
  pattern: RegExp;
  minLength: number;
  /** How to write the setting, and how to make a key that is long enough. */
  fix: string;
  weakFix: string;
}

export interface KeyPair {
  name: string;
  key: string;
}

/**
 * Reads `name:key` pairs, separated by commas, or from a file with one pair on each line (`@file`). None if the setting is
 * unset. Reports faults to `read` without a secret.
 */
export function readKeyPairs(read: SettingsReader, setting: string, rules: PairRules): KeyPair[] {
  const pairs: KeyPair[] = [];
  for (const [at, pair] of splitPairs(read, setting, rules).entries()) {
    const position = at + 1;
    const colon = pair.indexOf(':');
    const [name, key] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1)];
    if (!rules.pattern.test(name) || !/^\S+$/.test(key)) {
      // The pair is a secret, so report only its position.
      read.fault(setting, say(read.language, 'not-a-pair', { position, form: rules.form }), rules.fix);
      continue;
    }
    const weakness = weaknessOf(key, rules.minLength);
    if (weakness !== null)
      read.fault(setting, say(read.language, weakness, { position, min: rules.minLength }), rules.weakFix);
    pairs.push({ name, key });
  }
  return pairs;
}

function splitPairs(read: SettingsReader, setting: string, { form, fix }: PairRules): string[] {
  const raw = read.text(setting, null);
  if (raw === null) return [];
  try {
    const lines = raw.startsWith('@') ? readFileSync(raw.slice(1), 'utf8').split(/\r?\n/) : [raw];
    const pairs = lines.flatMap((line) => (line.trimStart().startsWith('#') ? [] : splitList(line)));
    if (pairs.length === 0) read.fault(setting, say(read.language, 'no-pair', { form }), fix);
    return pairs;
  } catch (error) {
    // Do not report the path: it is a key if the @ was meant to be part of the key.
    const reason = describeFileError(asError(error)).reason[read.language];
    read.fault(setting, say(read.language, 'file-unreadable', { reason }), fix);
    return [];
  }
}

/** Fewer different characters than a random key of 20 characters ever has: hexadecimal digits give ten or more. */
const MIN_DIFFERENT = 6;
const PLACEHOLDER =
  /changeme|changethis|replaceme|replacethis|placeholder|inserta?key|exampleapikey|your.{0,20}key|yoursecret/;
const REPEATED = /^(.{1,10})\1+$/s;

type Weakness = 'too-short' | 'placeholder' | 'repeated';

/** Why a key can be guessed; null if nothing suggests it. */
export function weaknessOf(key: string, minLength: number): Weakness | null {
  if (PLACEHOLDER.test(key.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))) return 'placeholder';
  if (key.length < minLength) return 'too-short';
  return new Set(key).size < MIN_DIFFERENT || REPEATED.test(key) ? 'repeated' : null;
}
