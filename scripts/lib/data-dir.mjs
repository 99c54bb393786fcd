import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FILE_ERRORS } from '../messages/setup.mjs';
import { START } from '../messages/start.mjs';
import { ROOT } from './root.mjs';
import { inLanguage, SettingsProblem } from './say.mjs';
import { isSet, namesOfSettings } from './settings.mjs';

/** Makes the data folder, for its owner only. */
export function makeDataDir(dataDir) {
  try {
    for (const folder of [dataDir, join(dataDir, 'logs')]) makeFolder(folder);
    // Two starts at once probe beside each other.
    rmSync(keep(dataDir, `.probe-${process.pid}`, ''));
  } catch (error) {
    const words = FILE_ERRORS[error.code];
    const reason = words === undefined ? error.message : `${inLanguage(words)} (${error.code})`;
    throw new SettingsProblem(START.dataDirUnusable({ dataDir, reason }));
  }
}

// Node's own `recursive` never returns where a file system refuses with ENOENT, as /proc does.
function makeFolder(path) {
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Of a dangling link, statSync throws ENOENT.
    if (error.code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** The API key of this data folder, generated at the first start. @throws SettingsProblem if the key file cannot be used */
export async function localApiKey(dataDir) {
  const { localKey } = await importKeys();
  try {
    return { owner: 'local', key: await localKey(dataDir, inLanguage({ en: 'en', zh: 'zh' })) };
  } catch (error) {
    throw new SettingsProblem(`${dataDir}/keys.json: ${error.message}`, error.fix && `  ${error.fix}`);
  }
}

/** METADATA_KEY of this data folder, generated at the first start. */
export const localMetadataKey = async (dataDir) => (await importKeys()).localMetadataKey(dataDir);

const importKeys = () => import(join(ROOT, 'packages/shared/dist/state/keys/local-key.js'));

/** The port of the local OSS at the last start; null at the first. */
export function keptOssPort(dataDir) {
  const path = join(dataDir, 'oss-port');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) || null : null;
}

export const keepOssPort = (dataDir, port) => keep(dataDir, 'oss-port', `${port}\n`);

/**
 * Keeps all settings for `node --env-file`, so that `pixdock-ops` finds the same services in another folder and another
 * terminal. @returns the path
 */
export function keepServicesEnv(root, dataDir, environment) {
  const lines = namesOfSettings(root)
    .filter((name) => isSet(environment, name))
    .map((name) => `${name}=${quoted(absolute(root, name, environment[name]))}\n`);
  return keep(dataDir, 'services.env', lines.join(''));
}

/** Files are named relative to the checkout. */
function absolute(root, name, value) {
  if (name.endsWith('_FILE')) return resolve(root, value.trim());
  return value.startsWith('@') ? `@${resolve(root, value.slice(1).trim())}` : value;
}

/** Node reads a value up to the next quote of the same kind, and knows no escape for it. */
function quoted(value) {
  const quote = [`'`, '`', '"'].find((mark) => !value.includes(mark)) ?? '"';
  return quote + value + quote;
}

/** Writes a small file for its owner only, whole or not at all. @returns the path */
function keep(dataDir, name, text) {
  const path = join(dataDir, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}
