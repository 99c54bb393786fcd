import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mutate, StaleRule } from './rule.js';
import { RULES } from './rules/all.js';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFileSync(join(CHECKOUT, file), 'utf8');

test.each(RULES.map((rule) => [rule.name, rule] as const))(
  'finds the text of %s exactly once in the code',
  (_, rule) => {
    const text = read(rule.file);
    expect(mutate(text, rule)).not.toBe(text);
    for (const file of rule.tests) expect(existsSync(join(CHECKOUT, file)), file).toBe(true);
    if (rule.only !== undefined) expect(rule.tests.map(read).join('\n')).toContain(rule.only);
  },
);

test('has unique names', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
});

test('calls a rule stale when its text is missing or occurs twice', () => {
  const rule = { name: 'a-rule', file: 'a.ts', search: 'sync()', replace: '', tests: ['a.test.ts'] as const };
  expect(mutate('open(); sync(); close();', rule)).toBe('open(); ; close();');
  for (const text of ['open();', 'sync(); sync();']) expect(() => mutate(text, rule)).toThrow(StaleRule);
});
