import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { SettingsReader } from './env.js';
import { type KeyPair, readKeyPairs } from './key-pairs.js';
import { say } from './messages/key-pairs.js';

/** One key of METADATA_KEY. A key has one use, so two are derived from it (HKDF, RFC 5869). */
export interface MetadataKey {
  id: string;
  /** Of AES-256-GCM, for the metadata of objects. */
  sealing: KeyObject;
  /** Of HMAC-SHA-256, for hashes of values that a person could guess. */
  hashing: KeyObject;
}

/** The keys of METADATA_KEY: the first seals and hashes, all open and compare. */
export type MetadataKeys = readonly [MetadataKey, ...MetadataKey[]];

/** 128 bits, if they are hexadecimal digits; `openssl rand -hex 32` gives 64 characters. */
const MIN_LENGTH = 32;
/** Of an id, which every object carries in the open. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** Reads METADATA_KEY, and reports faults to `read`. */
export function readMetadataKeys(read: SettingsReader): MetadataKeys {
  const [first, ...others] = readMetadataKeyPairs(read).map(({ name, key }) => deriveKeys(name, key));
  // A fault is reported: nothing is sealed with this one.
  return [first ?? deriveKeys('', ''), ...others];
}

/** The keys themselves, for a backup. Reports faults to `read`. */
export function readMetadataKeyPairs(read: SettingsReader): KeyPair[] {
  const fix = say(read.language, 'metadata-key.fix');
  read.required('METADATA_KEY', fix);
  const weakFix = say(read.language, 'metadata-key.weak-fix');
  const rules = { form: 'id:key', pattern: ID, minLength: MIN_LENGTH, fix, weakFix };
  const pairs = readKeyPairs(read, 'METADATA_KEY', rules);
  for (const [at, { name: id }] of pairs.entries())
    if (pairs.findIndex(({ name }) => name === id) < at)
      read.fault('METADATA_KEY', say(read.language, 'same-id', { id }), say(read.language, 'same-id.fix'));
  return pairs;
}

function deriveKeys(id: string, key: string): MetadataKey {
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `pixdock ${purpose}`, 32)));
  return { id, sealing: derive('object metadata'), hashing: derive('idempotency fingerprint') };
}

/** HMAC-SHA-256 in base64url, of a value that a person could guess. Hashes of different kinds are never equal. */
export function keyedHash(
  { hashing }: MetadataKey,
  kind: 'fingerprint' | 'idempotency-key',
  value: string,
): string {
  return createHmac('sha256', hashing).update(`${kind}:${value}`).digest('base64url');
}
