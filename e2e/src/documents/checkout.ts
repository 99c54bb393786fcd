import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SKIPPED = /^(node_modules|dist|dist-.*|\.git|\.data.*)$/;

/** A file of the checkout. */
export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Paths of all files of the checkout, relative to its root, without what is installed or built. */
export function listFiles(folder = ''): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !SKIPPED.test(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() ? [path] : [];
    });
}

/** Files of the programs themselves, without tests. */
export const listSources = (): string[] =>
  ['apps', 'packages', 'scripts']
    .flatMap((folder) => listFiles(folder))
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.test\.|\/testing\//.test(path));
