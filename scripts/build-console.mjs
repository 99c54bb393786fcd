import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/root.mjs';
import { lastLines, runCommand } from './lib/run-command.mjs';
import { Problem } from './lib/say.mjs';
import { openStamp } from './lib/stamp.mjs';
import { SETUP } from './messages/setup.mjs';

// Everything that the page is made of, beside the packages in the lock file.
const FOLDERS = ['apps/console/src', 'packages/client/src', 'packages/contract/src'];
const FILES = ['index.html', 'package.json', 'vite.config.mjs'].map((name) => `apps/console/${name}`);

/** Builds the console from the compiled packages if its sources have changed since the last time. */
export async function buildConsole(root, signal) {
  const cwd = join(root, 'apps/console');
  // A build empties this folder first.
  const stamp = openStamp(join(cwd, 'dist/page/.sources'), sourcesIn(root));
  if (stamp.isCurrent) return;
  const vite = join(cwd, 'node_modules', '.bin', 'vite');
  const { code, output } = await runCommand(vite, ['build', '--logLevel', 'warn'], { cwd, signal });
  if (code !== 0) throw new Problem(SETUP.buildFailed(), lastLines(output, 30));
  stamp.write();
}

function sourcesIn(root) {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  // Editors mark a file that is open with a symbolic link to nothing.
  const isFile = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
  const files = [...FILES, 'pnpm-lock.yaml', ...inFolders.filter(isFile).toSorted()];
  return files.flatMap((path) => [`${path}\n`, readFileSync(join(root, path))]);
}

if (import.meta.main) await buildConsole(ROOT);
