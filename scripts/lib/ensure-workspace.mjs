import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { say } from './say.mjs';
import { withWorkspaceLock } from './workspace-lock.mjs';
import {
  installFingerprint,
  isBuilt,
  isInstalled,
  readStamp,
  sourceFingerprint,
  writeStamp,
} from './workspace-state.mjs';

const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT)\b/;

/** Installs and builds what has changed since the last time; does nothing, and needs no network, when nothing has. */
export async function ensureWorkspace({ root, signal }) {
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.json'])
    if (!existsSync(join(root, name)))
      throw new Problem(`${join(root, name)} is missing: this is not a whole checkout of Pixdock.`);
  if (isReady(root)) return;
  await withWorkspaceLock(root, signal, async () => {
    const installed = installFingerprint(root);
    if (needsInstall(root, installed)) {
      await install(root, signal);
      writeStamp(root, 'installed', installed);
    }
    const sources = sourceFingerprint(root, installed);
    const whole = isBuilt(root);
    if (whole && readStamp(root, 'built') === sources) return;
    await build(root, whole, signal);
    writeStamp(root, 'built', sources);
  });
}

function isReady(root) {
  const installed = installFingerprint(root);
  const built = readStamp(root, 'built') === sourceFingerprint(root, installed);
  return built && isBuilt(root) && !needsInstall(root, installed);
}

const needsInstall = (root, installed) => readStamp(root, 'installed') !== installed || !isInstalled(root);

async function install(root, signal) {
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  const first = !existsSync(join(root, 'node_modules', '.modules.yaml'));
  say(first ? 'Installing packages (first start only) …' : 'Installing packages (their list has changed) …');
  const { code, output } = await runCommand(
    'npx',
    ['--yes', pinned, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'],
    { cwd: root, env: installEnvironment(), signal },
  );
  if (code === 0) return;
  const reason = OFFLINE.exec(output)?.[0];
  if (reason !== undefined)
    throw new Problem(
      `Packages cannot be installed: the npm registry is out of reach (${reason}). Connect, then start again.`,
    );
  throw new Problem(`Packages cannot be installed:\n${lastLines(output, 15)}`);
}

async function build(root, incremental, signal) {
  say('Building …');
  const args = incremental ? ['-b'] : ['-b', '--force'];
  const { code, output } = await runCommand(join(root, 'node_modules', '.bin', 'tsc'), args, {
    cwd: root,
    signal,
  });
  if (code !== 0) throw new Problem(`The build failed:\n${lastLines(output, 30)}`);
}

// NODE_ENV=production would leave out the compiler. By default npm waits over a minute before it says that it is offline.
function installEnvironment() {
  const { NODE_ENV: _, ...env } = process.env;
  return { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '5000', ...env };
}
