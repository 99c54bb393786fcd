import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import { LANGUAGES } from '@pixdock/contract/messages/text';
import { isLoopback } from '@pixdock/object-store/loopback';
import { say } from '../messages/conformance-report.js';
import { percentile } from '../percentile.js';
import type { Bench } from './bench.js';
import { type Result, TOPICS, type Topic } from './check.js';
import { CHECKOUT } from './services.js';

/** Writes the report in both languages into the checkout. It names neither bucket, domain nor credentials. @returns the files */
export function writeReports(bench: Bench, results: readonly Result[]): string[] {
  const versions = findVersions();
  return LANGUAGES.map((language) => {
    const file = language === 'en' ? 'real-oss.md' : `real-oss.${CHINESE}.md`;
    writeFileSync(join(CHECKOUT, file), reportIn(language, bench, results, versions));
    return file;
  });
}

/** As in the names of the documents. */
const CHINESE = 'zh-CN';

function reportIn(
  language: Language,
  bench: Bench,
  results: readonly Result[],
  versions: readonly string[],
): string {
  const { region, addressing, endpoint } = bench.settings;
  const day = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : CHINESE, { dateStyle: 'long' }).format();
  const { put, head } = bench.timings;
  const isLocal = isLoopback(new URL(endpoint).hostname);
  const { isOwnBucket } = bench;
  return [
    say(language, isLocal ? 'rehearsal' : 'title', { day }),
    '',
    say(language, 'about', { day, region, versions, isOwnBucket, addressing }),
    ...(put.length > 0 ? [say(language, 'timings', { put: spread(put), head: spread(head) })] : []),
    '',
    say(language, 'heading'),
    '| --- | --- |',
    ...TOPICS.map((topic) => `| ${say(language, topic)} | ${rowOf(language, topic, results)} |`),
    '',
  ].join('\n');
}

function rowOf(language: Language, topic: Topic, all: readonly Result[]): string {
  const results = all.filter((result) => result.topic === topic);
  const count = results.filter(({ verdict }) => verdict === 'passed').length;
  const reasons = results.flatMap((result) =>
    result.verdict === 'unchecked' ? [result.reason[language]] : [],
  );
  return [
    ...(count > 0 ? [say(language, 'passed', { count })] : []),
    ...results.flatMap((result) => (result.verdict === 'differs' ? [say(language, 'differs', result)] : [])),
    ...[...new Set(reasons)].map((reason) =>
      say(language, 'unchecked', { reason, count: reasons.filter((other) => other === reason).length }),
    ),
  ]
    .join(say(language, 'between'))
    .replaceAll('|', '\\|');
}

/** `45 ms, 80 ms`: the median and the 95th percentile. */
function spread(ms: readonly number[]): string {
  return [0.5, 0.95].map((part) => `${Math.round(percentile(ms, part))} ms`).join(', ');
}

function findVersions(): string[] {
  const read = (path: string) => JSON.parse(readFileSync(join(CHECKOUT, path), 'utf8'));
  const { version } = read('package.json');
  const aliOss = read('packages/object-store/package.json').dependencies['ali-oss'];
  return [`Pixdock ${version}${commit()}`, `Node ${process.version}`, `ali-oss ${aliOss}`];
}

/** None in a checkout without git. */
function commit(): string {
  try {
    const id = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: CHECKOUT,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return ` (${id.trim()})`;
  } catch {
    return '';
  }
}
