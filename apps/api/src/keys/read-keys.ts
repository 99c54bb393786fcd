import { readFileSync } from 'node:fs';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { readKeyPairs } from '@pixdock/shared/runtime/key-pairs';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { dataDirFault } from '@pixdock/shared/runtime/start-fault';
import { fileBehindAt, findKeyFile } from '@pixdock/shared/state/keys/find-key-file';
import { KeyFileFault, parseKeyFile, unreadableKeyFile } from '@pixdock/shared/state/keys/parse-key-file';
import { OWNER, type StoredKey } from '@pixdock/shared/state/keys/stored-key';
import { say } from '../messages/key-settings.js';
import { type ApiKey, keyOfPair } from './api-key.js';

const MIN_KEY_LENGTH = 20;

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
  if (read.text('API_KEYS', null) === null && file.keys.length === 0 && file.isReadable)
    read.required('API_KEYS', say(read.language, 'fix'));
  return { pairs: readPairs(read), file };
}

function readFile(read: SettingsReader, path: string): KeySettings['file'] & { isReadable: boolean } {
  let text: string | null = null;
  try {
    text = readFileSync(path, 'utf8');
    return { path, text, keys: parseKeyFile(text, read.language), isReadable: true };
  } catch (error) {
    const dataDir = isCode(error, 'ENOTDIR') ? dataDirFault(error, readDataDir(read)) : null;
    if (dataDir !== null) {
      const { setting, problem, fix } = dataDir;
      read.fault(setting, problem[read.language], fix[read.language]);
      return { path, text, keys: [], isReadable: false };
    }
    if (
      !(error instanceof KeyFileFault) &&
      isCode(error, 'ENOENT') &&
      read.text('API_KEYS_FILE', null) === null
    )
      return { path, text, keys: [], isReadable: true };
    const { message, fix } =
      error instanceof KeyFileFault ? error : unreadableKeyFile(read.language, error as Error);
    read.fault('API_KEYS_FILE', message, fix);
    return { path, text, keys: [], isReadable: false };
  }
}

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

function readPairs(read: SettingsReader): ApiKey[] {
  if (fileBehindAt(read) !== null) return [];
  const form = 'owner:key';
  const [fix, weakFix] = [say(read.language, 'fix'), say(read.language, 'weak.fix')];
  const rules = { form, pattern: OWNER, minLength: MIN_KEY_LENGTH, fix, weakFix };
  const pairs = readKeyPairs(read, 'API_KEYS', rules);
  const keys = pairs.map(({ name, key }) => keyOfPair(name, key));
  for (const [at, key] of keys.entries()) refuseShared(read, key, keys.slice(0, at));
  return keys;
}

function refuseShared(read: SettingsReader, key: ApiKey, others: readonly ApiKey[]): void {
  const other = others.find(({ hash, owner }) => hash.equals(key.hash) && owner !== key.owner);
  if (other === undefined) return;
  const owners = [other.owner, key.owner];
  read.fault('API_KEYS', say(read.language, 'same-key', { owners }), say(read.language, 'same-key.fix'));
}
