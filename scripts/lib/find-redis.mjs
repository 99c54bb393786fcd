import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { REDIS } from '../messages/redis.mjs';
import { runCommand } from './run-command.mjs';
import { Problem } from './say.mjs';

const OLDEST_MAJOR = 6;
// Homebrew's own folders, which a PATH may lack.
const MORE_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

/**
 * Finds the first server in PATH of version 6 or newer.
 * @returns `{ binary, kind, version: [major, minor] }`, or null when PATH has no server.
 * @throws Problem when there are only older servers.
 */
export async function findRedis() {
  const old = [];
  for (const binary of ['redis-server', 'valkey-server'].flatMap(findExecutables)) {
    const { output } = await runCommand(binary, ['--version']).catch(() => ({ output: '' }));
    const found = parseVersion(binary, output);
    if (found === null) continue;
    if (found.version[0] >= OLDEST_MAJOR) return found;
    old.push(`${binary}: ${found.version.join('.')}`);
  }
  if (old.length > 0) throw new Problem(REDIS.tooOld({ found: old.join(', ') }));
  return null;
}

/** The paths of a command in PATH. */
export function findExecutables(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).filter(existsSync);
}

/** `Redis server v=8.0.2 sha=…` or `Valkey server v=8.1.1 …`. */
export function parseVersion(binary, output) {
  const match = /^(Redis|Valkey) server v=(\d+)\.(\d+)/im.exec(output);
  return match === null ? null : { binary, kind: match[1], version: [Number(match[2]), Number(match[3])] };
}
