import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { listFiles, readText } from './checkout.js';
import { anchorsIn, linksIn, PAGES } from './markdown.js';

const FILES = new Set(listFiles());

test.each(PAGES)('%s links only to files and headings that exist', (path) => {
  expect(linksIn(readText(path)).filter((target) => !exists(path, target))).toEqual([]);
});

function exists(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), file);
  if (!FILES.has(path)) return false;
  return anchor === undefined || anchorsIn(readText(path)).includes(decodeURIComponent(anchor));
}
