import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from './problem.mjs';
import { runCommand } from './run-command.mjs';

const NAMES = ['redis-server', 'valkey-server'];
const OLDEST_MAJOR = 6;
// Homebrew's own folders, which a PATH may lack.
const MORE_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

/**
 * The first server in PATH that is new enough, as `{ binary, kind, version: [major, minor] }`; null when there is none at all.
 * @throws Problem when there are only servers older than 6.
 */
export async function findRedis(path = process.env.PATH ?? '') {
  const old = [];
  for (const binary of candidates(path)) {
    const found = await identify(binary);
    if (found === null) continue;
    if (found.version[0] >= OLDEST_MAJOR) return found;
    old.push(`${binary} is ${found.version.join('.')}`);
  }
  if (old.length > 0)
    throw new Problem(`Redis ${OLDEST_MAJOR} or newer is needed, but ${old.join(' and ')}.`);
  return null;
}

function candidates(path) {
  const folders = [...path.split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).filter(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function identify(binary) {
  const { output } = await runCommand(binary, ['--version']).catch(() => ({ output: '' }));
  return parseVersion(binary, output);
}

/** `Redis server v=8.0.2 sha=…` or `Valkey server v=8.1.1 …`. */
export function parseVersion(binary, output) {
  const match = /^(Redis|Valkey) server v=(\d+)\.(\d+)/im.exec(output);
  return match === null ? null : { binary, kind: match[1], version: [Number(match[2]), Number(match[3])] };
}
