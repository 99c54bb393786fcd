import { titleOf } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { say } from '../messages/status.js';
import type { Facts } from './facts.js';
import type { Problem } from './judge.js';

/** Prints the verdict, the facts, and each problem with its fix. */
export function printStatus(
  facts: Facts,
  problems: readonly Problem[],
  language: Language,
  out: (line: string) => void,
): void {
  const { api, redis, staging } = facts;
  out(say(language, 'verdict', { problems: problems.length }));
  for (const { detail, fix } of problems) {
    out(`✗ ${detail[language]}`);
    out(`  ${say(language, 'fix', { fix: fix[language] })}`);
  }
  out('');
  out(say(language, 'api', api));
  if (redis.isUp) {
    const { queues, workers, openBatches, storageTrouble } = redis.state;
    out(say(language, 'workers', { workers, openBatches }));
    for (const { queue, oldestMs, ...counts } of queues)
      if (counts.waiting + counts.active + counts.delayed > 0)
        out(say(language, 'queue', { queue, ...counts, seconds: oldestMs / 1000 }));
    out(say(language, 'oss', { code: storageTrouble?.code ?? null }));
  }
  if (staging !== null) out(say(language, 'staging', staging));
  if (!redis.isUp) return;
  const { cdn } = redis.state;
  if (cdn.waiting + cdn.sent > 0) out(say(language, 'cdn', cdn));
  printOutcomes(redis.outcomes, language, out);
}

function printOutcomes(
  outcomes: Extract<Facts['redis'], { isUp: true }>['outcomes'],
  language: Language,
  out: (line: string) => void,
): void {
  const sum = (status: string) =>
    outcomes.reduce((all, { status: own, count }) => all + (own === status ? count : 0), 0);
  out(say(language, 'last-hour', { published: sum('published'), failed: sum('failed') }));
  const failures = outcomes.filter(({ status }) => status === 'failed');
  for (const { code, count } of failures.toSorted((a, b) => b.count - a.count))
    if (code !== null) out(say(language, 'failure', { code, count, title: titleOf(code, language) }));
}

/** The facts for programs: details in English, fixes in both languages. */
export function toJson(facts: Facts, problems: readonly Problem[]): string {
  const listed = problems.map(({ reason, detail, fix }) => ({ reason, detail: detail.en, fix }));
  return JSON.stringify({ healthy: problems.length === 0, problems: listed, ...facts });
}
