import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The test files that replace a module: they need a process of their own, in which no other file has loaded it. */
export function mockingFiles(root) {
  return sourceFolders(root).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((path) => /\.test\.(ts|mjs)$/.test(path))
      .filter((path) => /\bvi\.(mock|doMock)\(/.test(readFileSync(join(root, path), 'utf8'))),
  );
}

function sourceFolders(root) {
  const packages = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/src`),
  );
  return [...packages, 'e2e/src', 'bench/src', 'scripts'].filter((folder) => existsSync(join(root, folder)));
}
