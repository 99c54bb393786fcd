import { readFileSync } from 'node:fs';
import { type SettingsReader, splitList } from '@pixdock/shared/runtime/env';
import { findKeyFile, isKeyFile } from '@pixdock/shared/state/keys/find-key-file';
import { KeyFileFault, parseKeyFile, unreadableKeyFile } from '@pixdock/shared/state/keys/parse-key-file';
import { OWNER, type StoredKey } from '@pixdock/shared/state/keys/stored-key';
import { say } from '../messages/key-settings.js';
import { type ApiKey, keyOfPair } from './api-key.js';
import { MIN_KEY_LENGTH, weaknessOf } from './weak-key.js';

/** The keys at the start, and where the API looks for changes. */
export interface KeySettings {
  /** The keys of API_KEYS. */
  pairs: readonly ApiKey[];
  file: {
    path: string;
    /** Null while the file does not exist. */
    text: string | null;
    keys: readonly StoredKey[];
  };
}

/** Reads API_KEYS and the key file, and reports faults to `read`. */
export function readKeys(read: SettingsReader): KeySettings {
  const file = readFile(read, findKeyFile(read));
  const raw = read.text('API_KEYS', null);
  if (raw === null && file.keys.length === 0 && file.isReadable)
    read.required('API_KEYS', say(read.language, 'fix'));
  const pairs = raw === null ? [] : parsePairs(read, splitPairs(read, raw));
  return { pairs, file };
}

function readFile(read: SettingsReader, path: string): KeySettings['file'] & { isReadable: boolean } {
  let text: string | null = null;
  try {
    text = readFileSync(path, 'utf8');
    return { path, text, keys: parseKeyFile(text, read.language), isReadable: true };
  } catch (error) {
    if (!(error instanceof KeyFileFault) && isMissing(error) && read.text('API_KEYS_FILE', null) === null)
      return { path, text, keys: [], isReadable: true };
    const { message, fix } =
      error instanceof KeyFileFault ? error : unreadableKeyFile(read.language, error as Error);
    read.fault('API_KEYS_FILE', message, fix);
    return { path, text, keys: [], isReadable: false };
  }
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

function parsePairs(read: SettingsReader, pairs: readonly string[]): ApiKey[] {
  const keys: ApiKey[] = [];
  for (const [at, pair] of pairs.entries()) {
    const position = at + 1;
    const colon = pair.indexOf(':');
    const [owner, key] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1)];
    if (!OWNER.test(owner) || !/^\S+$/.test(key)) {
      // The pair is a secret, so report only its position.
      read.fault('API_KEYS', say(read.language, 'not-a-pair', { position }), say(read.language, 'fix'));
      continue;
    }
    refuseWeak(read, key, position);
    const found = keyOfPair(owner, key);
    refuseShared(read, found, keys);
    keys.push(found);
  }
  return keys;
}

function refuseWeak(read: SettingsReader, key: string, position: number): void {
  const weakness = weaknessOf(key);
  if (weakness === null) return;
  const problem = say(read.language, weakness, { position, min: MIN_KEY_LENGTH });
  read.fault('API_KEYS', problem, say(read.language, 'weak.fix'));
}

function refuseShared(read: SettingsReader, key: ApiKey, others: readonly ApiKey[]): void {
  const other = others.find(({ hash, owner }) => hash.equals(key.hash) && owner !== key.owner);
  if (other === undefined) return;
  const owners = [other.owner, key.owner];
  read.fault('API_KEYS', say(read.language, 'same-key', { owners }), say(read.language, 'same-key.fix'));
}

function splitPairs(read: SettingsReader, raw: string): string[] {
  if (!raw.startsWith('@')) return splitList(raw);
  try {
    const text = readFileSync(raw.slice(1), 'utf8');
    if (isKeyFile(text)) return [];
    const lines = text.split(/\r?\n/);
    return lines.flatMap((line) => (line.trimStart().startsWith('#') ? [] : splitList(line)));
  } catch (error) {
    // Do not report the path: it is a key if the @ was meant to be part of the key.
    const { code = '' } = error as NodeJS.ErrnoException;
    read.fault('API_KEYS', say(read.language, 'file-unreadable', { code }), say(read.language, 'fix'));
    return [];
  }
}
