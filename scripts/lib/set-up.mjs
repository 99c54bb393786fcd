import { setTimeout as sleep } from 'node:timers/promises';
import { SETUP } from '../messages/setup.mjs';
import { lockFolder, Taken } from './lock.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';

const LOOK_AGAIN_MS = 500;

/** Waits until no other process sets up the checkout: another start, or a test run. */
export async function lockSetUp(root, signal) {
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

const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT|dns error|tcp connect error|operation timed out)\b/;
/** By default npm and pnpm retry for over a minute when they are offline. */
const RETRIES = {
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
  pnpm_config_fetch_retries: '1',
  pnpm_config_fetch_retry_mintimeout: '1000',
  pnpm_config_fetch_retry_maxtimeout: '5000',
};

/**
 * Runs a command that installs packages from the npm registry.
 * @throws Problem when it fails, with what to do when the registry cannot be reached.
 */
export async function installFromRegistry(command, args, options) {
  // NODE_ENV=production would leave out the compiler.
  const env = { ...RETRIES, ...process.env, NODE_ENV: undefined };
  const { code, output } = await runCommand(command, args, { ...options, env });
  if (code === 0) return;
  const reason = OFFLINE.exec(output)?.[0];
  if (reason !== undefined) throw new Problem(SETUP.offline({ reason }));
  throw new Problem(SETUP.installFailed(), lastLines(output, 15));
}
