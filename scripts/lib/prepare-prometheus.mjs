import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TESTS } from '../messages/tests.mjs';
import { findExecutables, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

const PACKAGES = ['prometheus', 'promtool'];
/** A machine without a network must not wait for minutes. */
const APT = ['apt-get', '-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10'];

/**
 * Unpacks Debian's Prometheus below node_modules, unless the machine has one. It is not installed, so no service starts and no
 * root is needed. Where it cannot be had, the tests that run it are skipped.
 */
export async function preparePrometheus(root, signal) {
  const folder = join(root, 'node_modules/.pixdock/prometheus');
  if (PACKAGES.every((name) => findExecutables(name).length > 0) || existsSync(folder)) return;
  const isDebian = ['apt-get', 'dpkg-deb'].every((name) => findExecutables(name).length > 0);
  if (!isDebian || !(await unpack(folder, signal))) say(TESTS.withoutPrometheus());
}

async function unpack(folder, signal) {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const options = { cwd: draft, env: process.env, signal };
  const run = async (...command) => (await runCommand(command[0], command.slice(1), options)).code === 0;
  const download = () => run(...APT, 'download', ...PACKAGES);
  try {
    // A fresh container has no list of packages.
    if (!(await download()) && !((await run(...APT, 'update')) && (await download()))) return false;
    for (const file of readdirSync(draft)) {
      if (!(await run('dpkg-deb', '-x', file, '.'))) return false;
      rmSync(join(draft, file));
    }
    renameSync(draft, folder);
    return true;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
