import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSet } from './environment.mjs';

/**
 * An owner and key to show in the example: the first of `owner:key,owner:key` or `@file`; null when that cannot be told
 * (the API says what is wrong with it).
 */
export function firstKey(root, environment) {
  if (!isSet(environment, 'API_KEYS')) return null;
  const text = environment.API_KEYS.trim();
  const list = text.startsWith('@') ? readOrNothing(resolve(root, text.slice(1))) : text;
  const [first = ''] = list
    .replace(/^\s*#.*$/gm, '')
    .split(/[\s,]+/)
    .filter(Boolean);
  const colon = first.indexOf(':');
  return colon > 0 ? { owner: first.slice(0, colon), key: first.slice(colon + 1) } : null;
}

function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
