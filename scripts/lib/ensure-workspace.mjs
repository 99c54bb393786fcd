import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SETUP } from '../messages/setup.mjs';
import { lockFolder, Taken } from './lock.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';
import * as state from './workspace-state.mjs';

const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT)\b/;
const LOOK_AGAIN_MS = 500;

/** Installs and builds what has changed since the last time; needs no network when nothing has. */
export async function ensureWorkspace({ root, signal }) {
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.json'])
    if (!existsSync(join(root, name))) throw new Problem(SETUP.incomplete({ path: join(root, name) }));
  if (!state.needsInstall(root) && !state.needsBuild(root)) return;
  const lock = await lockWhenFree(root, signal);
  try {
    if (state.needsInstall(root)) {
      await install(root, signal);
      state.writeStamp(root, 'installed', state.installFingerprint(root));
    }
    if (!state.needsBuild(root)) return;
    // Taken before the build, which an edit may overtake.
    const sources = state.sourceFingerprint(root);
    await build(root, signal);
    state.writeStamp(root, 'built', sources);
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
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  const isFirst = !existsSync(join(root, 'node_modules', '.modules.yaml'));
  say(isFirst ? SETUP.installingFirst() : SETUP.installingChanged());
  // NODE_ENV=production would leave out the compiler. By default npm retries for over a minute when it is offline.
  const { NODE_ENV: _, ...rest } = process.env;
  const env = {
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
    ...rest,
  };
  const args = ['--yes', pinned, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { code, output } = await runCommand('npx', args, { cwd: root, env, signal });
  if (code === 0) return;
  const reason = OFFLINE.exec(output)?.[0];
  if (reason !== undefined) throw new Problem(SETUP.offline({ reason }));
  throw new Problem(SETUP.installFailed(), lastLines(output, 15));
}

async function build(root, signal) {
  say(SETUP.building());
  const args = state.isBuilt(root) ? ['-b'] : ['-b', '--force'];
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { code, output } = await runCommand(tsc, args, { cwd: root, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
}
