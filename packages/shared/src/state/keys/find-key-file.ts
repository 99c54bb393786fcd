import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SettingsReader } from '../../runtime/env.js';
import { readDataDir } from '../../runtime/settings.js';
import { say } from './messages/key-file.js';

/** The path of the key file: API_KEYS_FILE, the JSON file behind `API_KEYS=@file`, or `DATA_DIR/keys.json`. */
export function findKeyFile(read: SettingsReader): string {
  const own = read.text('API_KEYS_FILE', null);
  const behindAt = fileBehindAt(read);
  if (own === null) return behindAt ?? join(readDataDir(read), 'keys.json');
  if (behindAt !== null && behindAt !== resolve(own))
    read.fault('API_KEYS_FILE', say(read.language, 'two-files'), say(read.language, 'two-files.fix'));
  return resolve(own);
}

/** The key file that API_KEYS names with an @; null if that file has `owner:key` pairs or cannot be read. */
export function fileBehindAt(read: SettingsReader): string | null {
  const apiKeys = read.text('API_KEYS', '');
  if (!apiKeys.startsWith('@')) return null;
  const path = apiKeys.slice(1);
  try {
    // A key file is JSON; an owner does not begin with a brace.
    return readFileSync(path, 'utf8').trimStart().startsWith('{') ? resolve(path) : null;
  } catch {
    return null;
  }
}
