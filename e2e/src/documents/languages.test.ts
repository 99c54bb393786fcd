import { expect, test } from 'vitest';
import { listFiles, readText } from './checkout.js';

const FILES = listFiles();
/** A page for contributors, which exists in English only. */
const ENGLISH_ONLY = ['docs/decisions.md'];
const ENGLISH = [
  'README.md',
  'SECURITY.md',
  ...FILES.filter((path) => /^(docs|examples)\/.*(?<!\.zh-CN)\.md$/.test(path)),
];
const PAIRS = ENGLISH.filter((page) => !ENGLISH_ONLY.includes(page)).map(
  (page) => [page, page.replace('.md', '.zh-CN.md')] as const,
);

test('has a Chinese version of every page, except those for contributors', () => {
  expect(PAIRS.filter(([, chinese]) => !FILES.includes(chinese))).toEqual([]);
});

test.each(PAIRS)('%s and %s have the same headings, tables, code and links', (english, chinese) => {
  expect(structureOf(readText(chinese))).toEqual(structureOf(readText(english)));
});

const BLOCK = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

/** The parts of a page that do not depend on its language. */
function structureOf(page: string) {
  const prose = page.replaceAll(BLOCK, '');
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, marks]) => marks),
    tables: prose
      .split('\n\n')
      .filter((block) => block.trim().startsWith('|'))
      .map((table) =>
        table
          .trim()
          .split('\n')
          .map((row) => row.replaceAll('\\|', '').split('|').length),
      ),
    code: [...page.matchAll(BLOCK)].map(([, language, code = '']) => [language, code.split('\n').length]),
    links: [...prose.matchAll(/\]\(([^)\s]+)\)|<(https?:[^>]+)>/g)]
      .map(([, target, address]) => (target ?? address ?? '').replace('.zh-CN', '').replace(/#.*/, '#'))
      .toSorted(),
  };
}

const COMMENTED = FILES.filter((path) =>
  /^(\.env\.example|docker-compose\.yml|deploy\/(.*\.yml|nginx\.conf|systemd\/.*))$/.test(path),
);

test.each(COMMENTED)('%s says each comment in both languages', (path) => {
  // A block ends at a line without a comment, or at a setting of .env.example.
  const blocks = readText(path)
    .replaceAll(/^# [A-Z][A-Z_]+=.*$/gm, '')
    .split(/\n(?!\s*#)/)
    .map((block) => block.split('\n').filter((line) => /^\s*# /.test(line)));
  const english = blocks.filter((lines) => lines.length > 0 && !/\p{Script=Han}/u.test(lines.join('')));
  expect(english).toEqual([]);
});
