import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const HAN = /\p{Script=Han}/u;
const SOURCE = /\.(ts|tsx|mts|js|mjs|lua|sh)$/;
const CATALOG = /(^|\/)messages\/(?!.*\.test\.)/;
const FILES = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  // Deleted files may not be committed yet.
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Chinese belongs in catalogs; tests, their fixtures and examples of user data may contain it too. */
const ALLOWED = /(^|\/)(messages|testing|fixtures)\/|\.test\.(ts|mjs)$|^e2e\/|^examples\//;

it('finds Chinese text only in messages/ folders, tests and docs', () => {
  const sources = FILES.filter((file) => SOURCE.test(file) && !ALLOWED.test(file));
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((file) => HAN.test(textOf(file)))).toEqual([]);
});

/** Names, which are the same in both languages, and lines to type. */
const SAME_IN_CHINESE =
  /^(OSS|Redis|API|ID|URL|SHA-256|English|[Ww]orker|zh|en|NDJSON|CSV)$|^(pixdock config show|OSS {8})/;

it('has Chinese in every sentence of a catalog', () => {
  const catalogs = FILES.filter((file) => SOURCE.test(file) && CATALOG.test(file));
  const sentences = catalogs.flatMap((file) =>
    // From `zh:` to the next member or the end of the object.
    [...textOf(file).matchAll(/\bzh(?:: |\()[\s\S]*?(?=\n {2,}['\w.-]+(?:: |\()|\n\s*\}|\}[,;)])/g)].map(
      ([text]) => ({ file, text, literals: [...text.matchAll(/'([^'\n]*)'|`([^`]*)`/g)] }),
    ),
  );
  expect(sentences.length).toBeGreaterThan(900);
  const english = sentences.filter(({ text, literals }) => {
    const words = literals.map(
      ([, plain, template]) => plain ?? template?.replaceAll(/\$\{[^}]*\}/g, '') ?? '',
    );
    return !HAN.test(text) && words.some((word) => /[A-Za-z]{2}/.test(word) && !SAME_IN_CHINESE.test(word));
  });
  expect(english.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});

/** Where English is right: OpenAPI descriptions, metrics, log lines, and errors for programmers. */
const ENGLISH =
  /(description|summary|help):\s*$|(Error|describe|changedBatch|header|gauge|counter|super)\([^'`]*$|(?<!\w\.)\b(json|jsonOrPage|problem|submissionProblem)\([^'`]*$|log\.\w+\([^'`]*$|log\[\w+\]\([^'`]*$|(OF_ALL|WAIT) =\s*$|'[\w_]+',\s*$|warnings\.push\(\s*$/;
/** Programs and steps for developers, which speak English only. */
const FOR_DEVELOPERS = /^packages\/oss-dev\/|^scripts\/(lib\/)?release|\/conformance\//;

it('finds sentences for people only in catalogs', () => {
  const sources = FILES.filter(
    (file) =>
      /^(apps|packages|scripts)\/.*\.(ts|tsx|mjs)$/.test(file) &&
      !ALLOWED.test(file) &&
      !FOR_DEVELOPERS.test(file),
  );
  const sentences = sources.flatMap((file) => {
    const text = textOf(file).replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '');
    return [...text.matchAll(/['`>]([A-Z][a-z`]+ [\w`']+ [^'`<>\n]*)['`<]/g)]
      .filter(({ index }) => !ENGLISH.test(text.slice(Math.max(0, index - 120), index)))
      .map(([, sentence]) => `${file}: ${sentence}`);
  });
  expect(sentences).toEqual([]);
});

/** Words of the glossary, and sentences that a Chinese reader would not say. */
const REPLACED = {
  所有者: /(?<!文件|仅)所有者/,
  规范化: /规范化/,
  对象存在之后: /对象存在之后/,
  仅写入报告: /仅写入报告/,
  类故障: /(?<!归)类故障/,
  来源地址: /来源地址/,
  非公网: /非公网/,
  解码代价: /解码代价/,
  存储持续: /存储持续|存储长时间/,
  已有结果: /张已有结果/,
};

it.each(Object.entries(REPLACED))('says it without %s', (_, words) => {
  const read = FILES.filter((file) => CATALOG.test(file) || /\.zh-CN\.md$|^CONTRIBUTING\.md$/.test(file));
  expect(read.filter((file) => words.test(textOf(file)))).toEqual([]);
});
