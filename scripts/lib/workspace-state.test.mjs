import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ROOT } from './root.mjs';
import { isBuilt } from './workspace-state.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pixdock-workspace-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('finds the workspace built while tests run, so that no start rebuilds it during them', () => {
  expect(isBuilt(ROOT)).toBe(true);
});

test('detects a missing compiled file, and expects none for tests and their helpers', () => {
  write('package.json', '{}');
  for (const name of ['a', 'b/c']) write(`src/${name}.ts`);
  for (const name of ['a.test', 'b/testing/d', 'testing/e']) write(`src/${name}.ts`);
  write('dist/a.js');
  expect(isBuilt(folder)).toBe(false);
  write('dist/b/c.js');
  expect(isBuilt(folder)).toBe(true);
});

function write(path, text = '') {
  const file = join(folder, 'packages/one', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
