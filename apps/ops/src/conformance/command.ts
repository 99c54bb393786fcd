import type { Language } from '@pixdock/contract/messages/text';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import { say } from '../messages/conformance.js';
import { type Context, EXIT, type ExitCode, type Output } from '../run-command.js';
import { type Bench, openBench } from './bench.js';
import { type Check, type Result, runCheck } from './check.js';
import { ACCESS_CHECKS } from './checks/access.js';
import { LISTING_CHECKS } from './checks/listing.js';
import { OBJECT_CHECKS } from './checks/objects.js';
import { REFUSAL_CHECKS } from './checks/refusals.js';

/** The first check fails if nothing can be stored at all. */
export const CHECKS: readonly Check[] = [
  ...OBJECT_CHECKS,
  ...LISTING_CHECKS,
  ...REFUSAL_CHECKS,
  ...ACCESS_CHECKS,
];

/**
 * `pixdock-ops conformance`: tries on the bucket in the settings what Pixdock relies on, under a random prefix, and prints where
 * it differs from the documentation of OSS.
 */
export async function conformance(context: Context): Promise<ExitCode> {
  const { environment, output, language } = context;
  const settings = readSettings(environment, readStoreSettings, language);
  await using bench = openBench(settings, { isOwnBucket: false, onLeft: tellLeft(output, language) });
  return printResult(await tryAll(CHECKS, bench, context), context);
}

export const tellLeft = (output: Output, language: Language) => (keys: readonly string[]) =>
  output.err(say(language, 'left', { keys }));

/** Prints each result as soon as it is known. @throws StorageFault if nothing can be stored */
export async function tryAll(
  checks: readonly Check[],
  bench: Bench,
  { output: { out }, language }: Context,
): Promise<Result[]> {
  await bench.store.put(bench.object('first.jpg'));
  const results: Result[] = [];
  for (const check of checks) {
    const result = await runCheck(check, bench);
    results.push(result);
    out(`${MARKS[result.verdict]} ${result.name} (${result.ms} ms)`);
    if (result.verdict === 'differs') out(say(language, 'difference', result));
    if (result.verdict === 'unchecked') out(say(language, 'unchecked', { reason: result.reason[language] }));
  }
  return results;
}

const MARKS = { passed: '✓', differs: '≠', unchecked: '-' } as const;

export function printResult(results: readonly Result[], { output: { out }, language }: Context): ExitCode {
  const count = (verdict: Result['verdict']) => results.filter((result) => result.verdict === verdict).length;
  const [passed, differ, unchecked] = [count('passed'), count('differs'), count('unchecked')];
  out(say(language, 'result', { checks: results.length, passed, differ, unchecked }));
  return differ === 0 ? EXIT.ok : EXIT.fault;
}
