import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SKIPPED = /^(node_modules|dist|\..*)$/;

/** A file of the checkout. */
export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Paths of all files, relative to the root, without hidden, installed and built folders. */
export function listFiles(folder = ''): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !SKIPPED.test(entry.name) ? listFiles(path) : [];
  });
}

/** Source files of the programs, without tests. */
export const listSources = (): string[] =>
  ['apps', 'packages', 'scripts']
    .flatMap((folder) => listFiles(folder))
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.test\.|\/testing\//.test(path));
