import { expect, test } from 'vitest';
import { listFiles, readText } from './checkout.js';

const FILES = listFiles();
const COMMENTS = [
  { files: /\.(ts|tsx|mjs|css)$/, comment: /\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/ .*/g },
  { files: /\.lua$/, comment: /--.*/g },
];
const SOURCES = COMMENTS.flatMap(({ files, comment }) =>
  FILES.filter((path) => files.test(path)).map((path) => {
    const text = readText(path);
    return { path, comments: text.match(comment) ?? [], code: text.replace(comment, '') };
  }),
);
const PATH = /(?<![\w./-])(?:[\w.-]+\/)*[\w-][\w.-]*\.(?:ts|tsx|mjs|lua|md|css)\b(?: \d)?(?!\w*\()/g;
/** Of BullMQ. */
const FOREIGN = ['promoteJobs'];

test('comments name only files and sections that exist', () => {
  const isThere = (name: string) => {
    const [path = '', section] = name.split(' ');
    const found = FILES.filter((file) => `/${file}`.endsWith(`/${path.replace(/^(?:\.\.?\/)+/, '')}`));
    if (section === undefined) return found.length > 0;
    return found.some((file) => new RegExp(`^#+ ${section}\\b`, 'm').test(readText(file)));
  };
  const missing = SOURCES.flatMap(({ path, comments }) =>
    comments.flatMap((comment) => (comment.match(PATH) ?? []).map((name) => ({ path, name }))),
  ).filter(({ name }) => !isThere(name));
  expect(missing).toEqual([]);
});

test('comments name only functions, fields and settings that the code has', () => {
  const settings = FILES.filter((path) => /\.(json|ya?ml)$/.test(path) && !path.includes('/recorded/'));
  const code = [...SOURCES.map((source) => source.code), ...settings.map(readText)];
  const known = new Set([...code.flatMap((text) => text.match(/[\w$]+/g) ?? []), ...FOREIGN]);
  const missing = SOURCES.flatMap(({ path, comments }) =>
    comments.flatMap((comment) => namesIn(comment).map((name) => ({ path, name }))),
  ).filter(({ name }) => !known.has(name));
  expect(missing).toEqual([]);
});

test('comments describe only parameters that the code after them has', () => {
  const missing = FILES.filter((path) => /\.(ts|tsx|mjs)$/.test(path)).flatMap((path) =>
    [...readText(path).matchAll(DOCUMENTED)].flatMap(([, comment = '', code = '']) =>
      Array.from(comment.matchAll(/@param (\w+)/g), ([, name = '']) => ({ path, name })).filter(
        ({ name }) => !new RegExp(`\\b${name}\\b`).test(code),
      ),
    ),
  );
  expect(missing).toEqual([]);
});

/** A comment of a declaration, and the code until the next one or an empty line. */
const DOCUMENTED = /(\/\*\*[\s\S]*?\*\/)([\s\S]*?)(?=\n\n|\n\s*\/\*\*|$)/g;

/** The names in backticks with capitals within, as only names of code have them; also those in a call or behind a dot. */
function namesIn(comment: string): string[] {
  const quoted = Array.from(comment.matchAll(/`([\w$.]+)(?:\(\))?`/g), ([, name = '']) => name.split('.'));
  return quoted.flat().filter((name) => /^[a-z]+[A-Z]/.test(name));
}
