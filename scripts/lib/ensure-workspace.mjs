import { existsSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildConsole } from '../build-console.mjs';
import { SETUP } from '../messages/setup.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem, say } from './say.mjs';
import { installFromRegistry, lockSetUp } from './set-up.mjs';
import { openStamp } from './stamp.mjs';

/** Installs and builds what has changed since the last time; needs no network when nothing has. */
export async function ensureWorkspace({ root, signal }) {
  const lock = await lockSetUp(root, signal);
  try {
    await install(root, signal);
    await build(root, signal);
  } finally {
    lock.release();
  }
}

async function install(root, signal) {
  // Some packages differ by platform, and two platforms may share a checkout.
  const inputs = [`${process.platform} ${process.arch}\n`, readFileSync(join(root, 'pnpm-lock.yaml'))];
  const stamp = openStamp(join(root, 'node_modules/.pixdock/installed'), inputs);
  if (stamp.isCurrent) return;
  say(stamp.isNew ? SETUP.installingFirst() : SETUP.installingChanged());
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  const args = ['--yes', pinned, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  // pnpm empties this folder, where prepareNode may have linked a Node.
  const node = join(root, 'node_modules/.bin/node');
  const program = existsSync(node) ? readlinkSync(node) : null;
  await installFromRegistry('npx', args, { cwd: root, signal });
  if (program !== null && !existsSync(node)) symlinkSync(program, node);
  stamp.write();
}

async function build(root, signal) {
  if (!existsSync(join(root, 'apps/api/dist'))) say(SETUP.building());
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { code, output } = await runCommand(tsc, ['-b'], { cwd: root, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
  await buildConsole(root, signal);
}
