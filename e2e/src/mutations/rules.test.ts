import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mutate, StaleRule } from './rule.js';
import { RULES } from './rules/all.js';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFileSync(join(CHECKOUT, file), 'utf8');

test.each(RULES.map((rule) => [rule.name, rule] as const))('%s still fits the code', (_, rule) => {
  const text = read(rule.file);
  expect(mutate(text, rule)).not.toBe(text);
  for (const file of rule.tests) expect(existsSync(join(CHECKOUT, file)), file).toBe(true);
  if (rule.only !== undefined) expect(rule.tests.map(read).join('\n')).toContain(rule.only);
});

test('names are unique', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
});

test('a text that is missing, or occurs twice, makes a rule stale', () => {
  const rule = { name: 'a-rule', file: 'a.ts', search: 'sync()', replace: '', tests: ['a.test.ts'] as const };
  expect(mutate('open(); sync(); close();', rule)).toBe('open(); ; close();');
  for (const text of ['open();', 'sync(); sync();']) expect(() => mutate(text, rule)).toThrow(StaleRule);
});
