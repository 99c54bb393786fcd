import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { REDIS } from '../messages/redis.mjs';
import { findExecutables, lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';

const OLDEST_MAJOR = 6;
const APT_INSTALL = 'apt-get install -y --no-install-recommends redis-server';
const BREW_INSTALL = 'brew install redis';
const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_NOTE = '# Made by Pixdock while it installs redis-server, so that no service starts.';

/** Finds a Redis or Valkey server, or installs one with apt (as root) or brew. */
export async function findOrInstallRedis(signal) {
  const found = await findRedis();
  if (found !== null) return found;
  if (findExecutables('apt-get').length > 0 && process.getuid?.() === 0) await installWithApt(signal);
  else if (findExecutables('brew').length > 0) await install(BREW_INSTALL, { signal });
  else throw new Problem(REDIS.missing());
  const installed = await findRedis();
  if (installed === null) throw new Problem(REDIS.notInPath());
  return installed;
}

/**
 * Finds the first server in PATH of version 6 or newer.
 * @returns `{ binary, kind, version: [major, minor] }`, or null when PATH has no server.
 * @throws Problem when there are only older servers.
 */
export async function findRedis() {
  const old = [];
  for (const binary of ['redis-server', 'valkey-server'].flatMap(findExecutables)) {
    const { output } = await runCommand(binary, ['--version']);
    const found = parseVersion(binary, output);
    if (found === null) continue;
    if (found.version[0] >= OLDEST_MAJOR) return found;
    old.push(`${binary}: ${found.version.join('.')}`);
  }
  if (old.length > 0) throw new Problem(REDIS.tooOld({ found: old.join(', ') }));
  return null;
}

/** `Redis server v=8.0.2 sha=…` or `Valkey server v=8.1.1 …`. */
export function parseVersion(binary, output) {
  const match = /^(Redis|Valkey) server v=(\d+)\.(\d+)/im.exec(output);
  return match === null ? null : { binary, kind: match[1], version: [Number(match[2]), Number(match[3])] };
}

async function installWithApt(signal) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, signal };
  const wasThere = existsSync(POLICY) && !readFileSync(POLICY, 'utf8').includes(POLICY_NOTE);
  if (!wasThere) writeFileSync(POLICY, policyText(process.pid), { mode: 0o755 });
  try {
    // It fails when one of many sources cannot be reached, which may not matter for this package.
    await runCommand('apt-get', ['update'], options);
    await install(APT_INSTALL, options);
    // The package enables its service for the next boot.
    if (existsSync('/run/systemd/system'))
      await runCommand('systemctl', ['disable', 'redis-server'], options);
  } finally {
    if (!wasThere) rmSync(POLICY, { force: true });
  }
}

async function install(command, options) {
  say(REDIS.installing({ command }));
  const [program, ...args] = command.split(' ');
  const { code, output } = await runCommand(program, args, options);
  if (code !== 0) throw new Problem(REDIS.installFailed({ command }), lastLines(output, 5));
}

/** If the launcher is killed meanwhile, the next caller that asks whether a service may start removes the file. */
export const policyText = (pid) => `#!/bin/sh
${POLICY_NOTE}
grep -qas node /proc/${pid}/cmdline && exit 101
rm -f "$0"
`;
