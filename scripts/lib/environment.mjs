import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { START } from '../messages/start.mjs';
import { Problem } from './say.mjs';

/** The settings from `.env` and the environment, which wins. */
export function readEnvironment(root, environment) {
  const file = join(root, '.env');
  if (!existsSync(file)) return { ...environment };
  try {
    // Editors on Windows begin a file with a byte order mark, which would become part of the first name.
    return { ...parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')), ...environment };
  } catch (error) {
    throw new Problem(START.dotEnvUnreadable({ file, reason: error.message }));
  }
}

/** As the services read it: an empty value counts as unset. */
export function isSet(environment, name) {
  return (environment[name] ?? '').trim() !== '';
}

/** Relative to the checkout, wherever the command was typed. */
export function dataDirOf(root, environment) {
  return resolve(root, isSet(environment, 'DATA_DIR') ? environment.DATA_DIR.trim() : '.data');
}

/** Finds the first owner and key in `owner:key,owner:key` or `@file`, for the example. Returns null without one. */
export function firstKey(root, { API_KEYS = '' }) {
  const text = API_KEYS.trim();
  const file = text.startsWith('@') ? resolve(root, text.slice(1)) : null;
  if (file !== null && !existsSync(file)) return null;
  const list = file === null ? text : readFileSync(file, 'utf8');
  const words = list.replace(/^\s*#.*$/gm, '').trim();
  const [, owner, key] = /^([^\s,:]+):([^\s,]+)/.exec(words) ?? [];
  return owner === undefined ? null : { owner, key };
}
