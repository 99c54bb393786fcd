import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileTrouble, Problem } from './problem.mjs';

/** Makes the data folder, for its owner only. */
export function makeDataDir(dataDir) {
  try {
    makeFolder(dataDir);
    makeFolder(join(dataDir, 'logs'));
    // Two starts at once probe side by side.
    const probe = join(dataDir, `.probe-${process.pid}`);
    writeKept(probe, 'Can this be written?');
    rmSync(probe);
  } catch (error) {
    throw new Problem(`DATA_DIR ${dataDir} cannot be used: ${fileTrouble(error)}.`);
  }
}

// Node's own `recursive` never returns where a file system refuses with ENOENT, as /proc does.
function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (error.code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** The API key of this data folder, made at the first start. */
export function localApiKey(dataDir) {
  const path = join(dataDir, 'api-key');
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (/^pxd_[\w-]{43}$/.test(kept)) return kept;
  const key = `pxd_${randomBytes(32).toString('base64url')}`;
  writeKept(path, `${key}\n`);
  return key;
}

/** The port of the local OSS at the last start; null at the first. */
export function keptOssPort(dataDir) {
  const path = join(dataDir, 'oss-port');
  const port = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  return port > 0 && port < 65536 ? port : null;
}

export function keepOssPort(dataDir, port) {
  writeKept(join(dataDir, 'oss-port'), `${port}\n`);
}

/**
 * What was chosen here for the services, as `node --env-file` reads it, so that `pixdock-ops` finds the same parts.
 * @returns its path
 */
export function keepServicesEnv(dataDir, chosen) {
  const path = join(dataDir, 'services.env');
  writeKept(path, chosen.map(([name, value]) => `${name}="${value}"\n`).join(''));
  return path;
}

/** Writes a small file for its owner only, whole or not at all. */
function writeKept(path, text) {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
