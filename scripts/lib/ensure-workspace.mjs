import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SETUP } from '../messages/setup.mjs';
import { buildConsole } from './build-console.mjs';
import { lockFolder, Taken } from './lock.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';

const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT)\b/;
const LOOK_AGAIN_MS = 500;

/** Installs and builds what has changed since the last time; needs no network when nothing has. */
export async function ensureWorkspace({ root, signal }) {
  for (const name of ['package.json', 'pnpm-lock.yaml', 'tsconfig.json'])
    if (!existsSync(join(root, name))) throw new Problem(SETUP.incomplete({ path: join(root, name) }));
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
  // It lies in node_modules, so that it is removed with them.
  const stamp = join(root, 'node_modules', '.pixdock', 'installed');
  const isFirst = !existsSync(stamp);
  const packages = hashOfPackages(root);
  if (!isFirst && readFileSync(stamp, 'utf8') === packages) return;
  say(isFirst ? SETUP.installingFirst() : SETUP.installingChanged());
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  // NODE_ENV=production would leave out the compiler. By default npm retries for over a minute when it is offline.
  const { NODE_ENV: _, ...rest } = process.env;
  const env = {
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
    ...rest,
  };
  const args = ['--yes', pinned, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { code, output } = await runCommand('npx', args, { cwd: root, env, signal });
  if (code !== 0) {
    const reason = OFFLINE.exec(output)?.[0];
    if (reason !== undefined) throw new Problem(SETUP.offline({ reason }));
    throw new Problem(SETUP.installFailed(), lastLines(output, 15));
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, packages);
}

/** Names the packages to install. Some differ by platform, and two platforms may share a checkout. */
function hashOfPackages(root) {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'));
  return createHash('sha256').update(`${process.platform} ${process.arch}\n`).update(lockfile).digest('hex');
}

async function build(root, signal) {
  if (!existsSync(join(root, 'apps/api/dist'))) say(SETUP.building());
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { code, output } = await runCommand(tsc, ['-b'], { cwd: root, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
  await buildConsole(root, signal);
}
