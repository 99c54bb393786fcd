import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../packages/shared/src/testing/temporary-folder.js';
import { buildConsole } from './build-console.mjs';

const FAKE_VITE = `#!/bin/sh
mkdir -p dist/page && echo page > dist/page/index.html && echo run >> runs
test ! -e src/broken.ts || { echo 'a fault in broken.ts'; exit 1; }
`;

function checkout() {
  const root = temporaryFolder();
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const path of ['index.html', 'package.json', 'vite.config.mjs', 'src/main.tsx'])
    write(`apps/console/${path}`, path);
  for (const path of ['packages/client/src/index.ts', 'packages/contract/src/image.ts', 'pnpm-lock.yaml'])
    write(path, path);
  write('apps/console/node_modules/.bin/vite', FAKE_VITE);
  chmodSync(join(root, 'apps/console/node_modules/.bin/vite'), 0o755);
  const runs = () => readFileSync(join(root, 'apps/console/runs'), 'utf8').trim().split('\n').length;
  return { root, write, runs };
}

test('builds the console again only when a source has changed or the page is missing', async () => {
  const { root, write, runs } = checkout();
  await buildConsole(root);
  await buildConsole(root);
  expect(runs()).toBe(1);
  write('packages/client/src/index.ts', 'changed');
  await buildConsole(root);
  expect(runs()).toBe(2);
  rmSync(join(root, 'apps/console/dist'), { recursive: true });
  await buildConsole(root);
  expect(runs()).toBe(3);
});

test('ignores links to nothing and folders with a dot in their name', async () => {
  const { root, write, runs } = checkout();
  symlinkSync('person@machine.1', join(root, 'apps/console/src/.#main.tsx'));
  write('packages/contract/src/v1.0/old.ts', 'old');
  await buildConsole(root);
  await buildConsole(root);
  expect(runs()).toBe(1);
  write('packages/contract/src/v1.0/old.ts', 'changed');
  await buildConsole(root);
  expect(runs()).toBe(2);
});

test('shows the fault of a failed build, and builds again the next time', async () => {
  const { root, write, runs } = checkout();
  write('apps/console/src/broken.ts', '');
  await expect(buildConsole(root)).rejects.toThrow('a fault in broken.ts');
  await expect(buildConsole(root)).rejects.toThrow('a fault in broken.ts');
  expect(runs()).toBe(2);
});
