import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findRedis, isExecutable } from './find-redis.mjs';
import { Problem } from './problem.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

const HOW = 'install redis-server (6 or newer) or valkey-server, or set REDIS_URL';
const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_NOTE = '# Made by Pixdock while it installs redis-server, so that no service starts.';

/** Should this process be killed in the middle, the next who asks whether a service may start removes the file. */
export const policyText = (pid) => `#!/bin/sh
${POLICY_NOTE}
grep -qas node /proc/${pid}/cmdline && exit 101
rm -f "$0"
`;

/** A Redis or Valkey server of this machine; installed with apt (as root) or brew when there is none. */
export async function findOrInstallRedis({ signal } = {}) {
  const found = await findRedis();
  if (found !== null) return found;
  if (inPath('apt-get') && process.getuid?.() === 0) await installWithApt(signal);
  else if (inPath('brew')) await installWithBrew(signal);
  else throw new Problem(`There is no Redis on this machine: ${HOW}.`);
  const installed = await findRedis();
  if (installed === null) throw new Problem(`Redis was installed but cannot be found in PATH: ${HOW}.`);
  return installed;
}

async function installWithApt(signal) {
  say('Installing redis-server with apt (its system service is not started) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wasThere = existsSync(POLICY) && !readFileSync(POLICY, 'utf8').includes(POLICY_NOTE);
  if (!wasThere) writeFileSync(POLICY, policyText(process.pid), { mode: 0o755 });
  try {
    // It fails as a whole when one of many sources does; whether this package can be had, the next line tells.
    await runCommand('apt-get', ['update'], { env, signal });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, signal });
    // The package enables its service for the next boot.
    if (existsSync('/run/systemd/system'))
      await run('systemctl', ['disable', 'redis-server'], { env, signal });
  } finally {
    if (!wasThere) rmSync(POLICY, { force: true });
  }
}

async function installWithBrew(signal) {
  say('Installing redis with brew (its service is not started) …');
  await run('brew', ['install', 'redis'], { signal });
}

async function run(command, args, options) {
  const { code, output } = await runCommand(command, args, options);
  if (code !== 0)
    throw new Problem(`"${command} ${args.join(' ')}" failed; ${HOW}.\n${lastLines(output, 5)}`);
}

function inPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && isExecutable(join(folder, name)));
}
