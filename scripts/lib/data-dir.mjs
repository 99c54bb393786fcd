import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, isFree } from './ports.mjs';
import { fileTrouble, Problem } from './problem.mjs';
import { say } from './say.mjs';

// The local OSS tells its port in every published URL, so it is best one that nobody gets by chance.
const OSS_PORTS = Array.from({ length: 20 }, (_, index) => 9010 + index);

/** Makes the data folder, for its owner only. */
export function makeDataDir(dataDir) {
  try {
    makeFolder(dataDir);
    makeFolder(join(dataDir, 'logs'));
    writeKept(join(dataDir, '.probe'), 'Can this be written?');
    rmSync(join(dataDir, '.probe'));
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

/** The local OSS's port: that of the last start, so that published URLs stay valid. */
export async function localOssPort(dataDir) {
  const path = join(dataDir, 'oss-port');
  const kept = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  if (kept > 0 && kept < 65536 && (await isFree(kept))) return kept;
  const port = await freePort(OSS_PORTS);
  if (kept > 0)
    say(
      `Port ${kept} of the local OSS is taken: it moves to ${port}, and URLs published before point to the old one.`,
    );
  writeKept(path, `${port}\n`);
  return port;
}

/** Writes a small file for its owner only, whole or not at all. */
function writeKept(path, text) {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
