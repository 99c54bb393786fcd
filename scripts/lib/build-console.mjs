import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SETUP } from '../messages/setup.mjs';
import { lastLines, runCommand } from './run-command.mjs';
import { Problem } from './say.mjs';

/** Everything that the page is made of, beside the packages in the lock file. */
const SOURCES = [
  'apps/console/index.html',
  'apps/console/package.json',
  'apps/console/vite.config.mjs',
  'apps/console/src',
  'packages/client/src',
  'packages/contract/src',
  'pnpm-lock.yaml',
];

/** Builds the console from the compiled packages if its sources have changed since the last time. */
export async function buildConsole(root, signal) {
  // It lies in node_modules, so that it is removed with them.
  const stamp = join(root, 'node_modules', '.pixdock', 'console');
  const sources = hashOf(root);
  const isBuilt = existsSync(join(root, 'apps/console/dist/page/index.html')) && existsSync(stamp);
  if (isBuilt && readFileSync(stamp, 'utf8') === sources) return;
  const cwd = join(root, 'apps/console');
  const vite = join(cwd, 'node_modules', '.bin', 'vite');
  const { code, output } = await runCommand(vite, ['build', '--logLevel', 'warn'], { cwd, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}

function hashOf(root) {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesAt(root, source)))
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

function filesAt(root, path) {
  if (/\.\w+$/.test(path)) return [path];
  const entries = readdirSync(join(root, path), { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return files.map((file) => file.slice(root.length + 1)).toSorted();
}
