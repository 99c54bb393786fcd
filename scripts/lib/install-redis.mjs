import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { REDIS } from '../messages/redis.mjs';
import { executables, findRedis } from './find-redis.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';

const APT_INSTALL = ['apt-get', 'install', '-y', '--no-install-recommends', 'redis-server'];
const BREW_INSTALL = ['brew', 'install', 'redis'];
const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_NOTE = '# Made by Pixdock while it installs redis-server, so that no service starts.';

/** If the launcher is killed meanwhile, the next caller that asks whether a service may start removes the file. */
export const policyText = (pid) => `#!/bin/sh
${POLICY_NOTE}
grep -qas node /proc/${pid}/cmdline && exit 101
rm -f "$0"
`;

/** Finds a Redis or Valkey server, or installs one with apt (as root) or brew. */
export async function findOrInstallRedis(signal) {
  const found = await findRedis();
  if (found !== null) return found;
  if (executables('apt-get').length > 0 && process.getuid?.() === 0) await installWithApt(signal);
  else if (executables('brew').length > 0) await install(BREW_INSTALL, { signal });
  else throw new Problem(REDIS.missing());
  const installed = await findRedis();
  if (installed === null) throw new Problem(REDIS.notInPath());
  return installed;
}

async function installWithApt(signal) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, signal };
  const wasThere = existsSync(POLICY) && !readFileSync(POLICY, 'utf8').includes(POLICY_NOTE);
  if (!wasThere) writeFileSync(POLICY, policyText(process.pid), { mode: 0o755 });
  try {
    await install(APT_INSTALL, options, () => runCommand('apt-get', ['update'], options));
    // The package enables its service for the next boot.
    if (existsSync('/run/systemd/system')) await run(['systemctl', 'disable', 'redis-server'], options);
  } finally {
    if (!wasThere) rmSync(POLICY, { force: true });
  }
}

/** @param before may fail: `apt-get update` does so when one of many sources cannot be reached. */
async function install(words, options, before = async () => {}) {
  say(REDIS.installing({ command: words.join(' ') }));
  await before();
  await run(words, options);
}

async function run(words, options) {
  const { code, output } = await runCommand(words[0], words.slice(1), options);
  if (code !== 0) throw new Problem(REDIS.installFailed({ command: words.join(' ') }), lastLines(output, 5));
}
