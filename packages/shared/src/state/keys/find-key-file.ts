import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SettingsReader } from '../../runtime/env.js';
import { readDataDir } from '../../runtime/settings.js';
import { say } from './messages/key-file.js';

/** The path of the key file: API_KEYS_FILE, the JSON file behind `API_KEYS=@file`, or `DATA_DIR/keys.json`. */
export function findKeyFile(read: SettingsReader): string {
  const own = read.text('API_KEYS_FILE', null);
  const behindAt = fileBehindAt(read.text('API_KEYS', ''));
  if (own === null) return behindAt ?? join(readDataDir(read), 'keys.json');
  if (behindAt !== null && behindAt !== resolve(own))
    read.fault('API_KEYS_FILE', say(read.language, 'two-files'), say(read.language, 'two-files.fix'));
  return resolve(own);
}

/** Null if the file has `owner:key` pairs or cannot be read. */
function fileBehindAt(apiKeys: string): string | null {
  if (!apiKeys.startsWith('@')) return null;
  const path = apiKeys.slice(1);
  try {
    return isKeyFile(readFileSync(path, 'utf8')) ? resolve(path) : null;
  } catch {
    return null;
  }
}

/** Whether this is a key file in JSON; an owner does not begin with a brace. */
export const isKeyFile = (text: string) => text.trimStart().startsWith('{');
