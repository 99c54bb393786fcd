import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { MutationRule } from './rule.js';
import { tryRules, type Verdict } from './try-rules.js';

const INSTALLED = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const CODE = 'export const sum = (a, b) => a + b;\nexport const isEven = (n) => n % 2 === 0;\n';
const TEST = `import { expect, test } from 'vitest';
import { sum } from './sum.mjs';
test('adds', () => expect(sum(2, 3)).toBe(5));
`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pixdock-try-rules-'));
  mkdirSync(join(root, 'node_modules'));
  for (const name of ['.bin', 'vitest']) symlinkSync(join(INSTALLED, name), join(root, 'node_modules', name));
  // Without a package.json, vitest never stops looking for one.
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'sum.mjs'), CODE);
  writeFileSync(join(root, 'sum.test.mjs'), TEST);
});
afterAll(() => rmSync(root, { recursive: true }));

const rule = (name: string, search: string, replace: string): MutationRule => ({
  name,
  file: 'sum.mjs',
  search,
  replace,
  tests: ['sum.test.mjs'],
});

test('passes a rule only when a test fails because of its defect', async () => {
  const rules = [
    rule('noticed', 'a + b', 'a - b'),
    rule('not-tested', '=== 0', '!== 0'),
    rule('stale', 'a * b', 'a / b'),
    rule('not-loadable', 'export const sum', 'const sum'),
    { ...rule('without-tests', 'a + b', 'a - b'), only: 'multiplies' },
  ];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const verdicts: Verdict[] = [];
  for await (const verdict of tryRules(root, rules, end.signal)) verdicts.push(verdict);
  expect(verdicts.map(({ name, fault }) => [name, fault])).toEqual([
    ['noticed', null],
    ['not-tested', 'survived: no test failed'],
    ['stale', 'stale is stale: its text occurs 0 times in sum.mjs'],
    ['not-loadable', null],
    ['without-tests', expect.stringContaining('do not pass without the defect: 0 passed')],
  ]);
  expect(readFileSync(join(root, 'sum.mjs'), 'utf8')).toBe(CODE);
});
