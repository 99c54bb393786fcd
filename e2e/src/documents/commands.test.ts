import { expect, test } from 'vitest';
import { ATTACKS } from '../attack/attacks/all.js';
import { HOST_SCENARIOS } from '../chaos/hosts/scenarios.js';
import { SCENARIOS } from '../chaos/scenarios/all.js';
import { listFiles, readText } from './checkout.js';
import { codeIn, GUIDES } from './markdown.js';

const CHAOS = [...SCENARIOS, ...HOST_SCENARIOS];
const FILES = listFiles();
const TESTS = FILES.filter((path) => /\.test\.(ts|mjs)$/.test(path));
const SCRIPTS = Object.keys(JSON.parse(readText('package.json')).scripts);
const BUILT_IN = ['install', 'audit', 'pack', 'publish', 'config'];
const FOLDERS = /^(apps|packages|e2e|scripts|docs|examples)\//;

test.each(GUIDES)('%s names only paths that exist', (page) => {
  const words = codeIn(readText(page)).flatMap((code) => code.split(/[\s,()]+/));
  const paths = words.map(sourceOf).filter((word) => FOLDERS.test(word));
  expect(paths.filter((path) => !isPath(path) && !isTestFilter(path))).toEqual([]);
});

test.each(GUIDES)('%s names only test files that exist', (page) => {
  const names = codeIn(readText(page)).filter((code) => /^[\w-]+\.test\.ts$/.test(code));
  expect(names.filter((name) => !FILES.some((path) => path.endsWith(`/${name}`)))).toEqual([]);
});

test.each(GUIDES)('%s names only pnpm and npm commands that exist', (page) => {
  const calls = codeIn(readText(page)).flatMap((code) => [
    ...code.matchAll(/\b(?:pnpm(?:@[\d.]+)?|npm(?: run)?) ([a-z][\w-]*)/g),
  ]);
  const names = calls.map(([, name = '']) => name);
  expect(names.filter((name) => !SCRIPTS.includes(name) && !BUILT_IN.includes(name))).toEqual([]);
});

test.each(GUIDES)('%s names only tests that exist', (page) => {
  const calls = codeIn(readText(page)).flatMap((code) => [
    ...code.matchAll(/(?:npm test --|vitest run) ([^#&]+)/g),
  ]);
  const filters = calls.flatMap(([, words = '']) => words.trim().split(/\s+/));
  expect(filters.filter((filter) => filter !== '…' && !isTestFilter(filter))).toEqual([]);
});

test.each(GUIDES)('%s names only chaos scenarios and attacks that exist', (page) => {
  const calls = codeIn(readText(page)).flatMap((code) => [
    ...code.matchAll(/pnpm (chaos|attack) .*--only ([\w,-]+)/g),
  ]);
  const unknown = calls.flatMap(([, command, names = '']) => {
    const known = (command === 'chaos' ? CHAOS : ATTACKS).map(({ name }) => name);
    return names.split(',').filter((name) => name !== 'NAME' && !known.includes(name));
  });
  expect(unknown).toEqual([]);
});

test('docs/reliability.md names every attack, and no other', () => {
  const table = readText('docs/reliability.md').split('| protection')[1]?.split('\n\n')[0] ?? '';
  const named = [...table.matchAll(/`([\w*-]+)`/g)].map(([, name = '']) => name);
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  const names = ATTACKS.map(({ name }) => name);
  expect(names.filter((name) => !named.some((pattern) => matches(pattern, name)))).toEqual([]);
  expect(named.filter((pattern) => !names.some((name) => matches(pattern, name)))).toEqual([]);
});

test('docs/reliability.md has a command for every chaos scenario', () => {
  const lists = readText('docs/reliability.md').matchAll(
    /pnpm chaos (?:--hosts 3 )?(?:--staging bucket )?--(?:only )?([\w,-]+)/g,
  );
  const named = [...lists].flatMap(([, names = '']) => names.split(','));
  expect(CHAOS.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
});

/** The source path of a built file. */
const sourceOf = (word: string) =>
  word.replace(/[.:;]+$/, '').replace(/^(apps|packages)\/([\w-]+)\/dist\/(.+)\.js$/, '$1/$2/src/$3.ts');

function isPath(path: string): boolean {
  const plain = path.replace(/\/$/, '');
  return FILES.includes(plain) || FILES.some((file) => file.startsWith(`${plain}/`));
}

const isTestFilter = (filter: string) => TESTS.some((path) => path.includes(filter));
