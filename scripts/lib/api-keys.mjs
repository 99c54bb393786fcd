import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Finds the first owner and key in `owner:key,owner:key` or `@file`, for the example. Returns null without one. */
export function firstKey(root, { API_KEYS = '' }) {
  const text = API_KEYS.trim();
  const list = text.startsWith('@') ? readOrEmpty(resolve(root, text.slice(1))) : text;
  const words = list.replace(/^\s*#.*$/gm, '').trim();
  const [, owner, key] = /^([^\s,:]+):([^\s,]+)/.exec(words) ?? [];
  return owner === undefined ? null : { owner, key };
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
