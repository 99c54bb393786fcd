import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SETUP } from '../messages/setup.mjs';
import { buildConsole } from './build-console.mjs';
import { lockFolder, Taken } from './lock.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';
import { openStamp } from './stamp.mjs';

const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT)\b/;
const LOOK_AGAIN_MS = 500;

/** Installs and builds what has changed since the last time; needs no network when nothing has. */
export async function ensureWorkspace({ root, signal }) {
  const lock = await lockWhenFree(root, signal);
  try {
    await install(root, signal);
    await build(root, signal);
  } finally {
    lock.release();
  }
}

/** One process at a time sets up a checkout (two starts, or a start and a test run). */
async function lockWhenFree(root, signal) {
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted();
    try {
      return await lockFolder(root, 'set-up');
    } catch (error) {
      if (!(error instanceof Taken)) throw error;
      if (isFirst) say(SETUP.waiting());
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

async function install(root, signal) {
  // Some packages differ by platform, and two platforms may share a checkout.
  const inputs = [`${process.platform} ${process.arch}\n`, readFileSync(join(root, 'pnpm-lock.yaml'))];
  const stamp = openStamp(join(root, 'node_modules/.pixdock/installed'), inputs);
  if (stamp.isCurrent) return;
  say(stamp.isNew ? SETUP.installingFirst() : SETUP.installingChanged());
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  // By default npm retries for over a minute when it is offline. NODE_ENV=production would leave out the compiler.
  const retries = { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '5000' };
  const env = { ...retries, ...process.env, NODE_ENV: undefined };
  const args = ['--yes', pinned, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { code, output } = await runCommand('npx', args, { cwd: root, env, signal });
  const reason = OFFLINE.exec(output)?.[0];
  if (code !== 0 && reason !== undefined) throw new Problem(SETUP.offline({ reason }));
  if (code !== 0) throw new Problem(SETUP.installFailed(), lastLines(output, 15));
  stamp.write();
}

async function build(root, signal) {
  if (!existsSync(join(root, 'apps/api/dist'))) say(SETUP.building());
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { code, output } = await runCommand(tsc, ['-b'], { cwd: root, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
  await buildConsole(root, signal);
}
