import { languageOf } from '@pixdock/contract/messages/language';
import type { Language } from '@pixdock/contract/messages/text';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import type { Environment } from '../dot-env.js';
import { say } from '../messages/conformance.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { runCommand } from '../run-command.js';
import { type Bench, openBench } from './bench.js';
import { type Check, type Result, runCheck } from './check.js';
import { CHECKS } from './checks/all.js';
import { pictureChecks } from './checks/pictures.js';
import { completeSettings } from './full-settings.js';
import { openTestBucket } from './own-bucket.js';
import { writeReports } from './report.js';
import { type RunningServices, startServices } from './services.js';

/**
 * `pixdock-ops conformance`: tries on the bucket in the settings what Pixdock relies on, under a random prefix, and prints where
 * it differs from the documentation of OSS.
 */
export function conformance(environment: Environment, output: Output): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const settings = readSettings(environment, readStoreSettings, language);
      await using bench = openBench(settings, { isOwnBucket: false, onLeft: tellLeft(output, language) });
      return printResult(await tryAll(CHECKS, bench, language, output), language, output);
    },
    output,
    language,
  );
}

/**
 * `pixdock-ops conformance --full`: also makes the bucket if it does not exist, changes the settings of a bucket that it made,
 * lands pictures through the services, and writes a report.
 */
export function fullConformance(environment: Environment, output: Output): Promise<ExitCode> {
  const language = languageOf(environment);
  const stopping = new AbortController();
  const stop = () => {
    if (!stopping.signal.aborted) output.err(say(language, 'cleaning'));
    stopping.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return runCommand(
    async () => {
      try {
        return await runFull(completeSettings(environment), language, output, stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        output.err(say(language, 'interrupted'));
        return EXIT.interrupted;
      } finally {
        for (const name of SIGNALS) process.off(name, stop);
      }
    },
    output,
    language,
  );
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function runFull(
  environment: Environment,
  language: Language,
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  const settings = readSettings(environment, readStoreSettings, language);
  const { bucket, region } = settings;
  await using testBucket = await openTestBucket(settings, (reason) =>
    output.err(say(language, 'bucket-left', { bucket, reason })),
  );
  const { isOwn } = testBucket;
  const onLeft = tellLeft(output, language);
  await using bench = openBench(settings, { isOwnBucket: isOwn, onLeft, signal });
  const { scratch } = bench;
  output.out(say(language, isOwn ? 'begin-own' : 'begin-given', { bucket, region, scratch }));
  // Stops before the objects are deleted.
  await using services = lazily(() => startServices(environment, `${scratch}pictures/`, signal));
  const checks = [...CHECKS, ...pictureChecks(services.get)];
  const results = await tryAll(checks, bench, language, output, signal);
  const exit = printResult(results, language, output);
  output.out(say(language, 'written', { files: writeReports(bench, results) }));
  return exit;
}

const tellLeft = (output: Output, language: Language) => (keys: readonly string[]) =>
  output.err(say(language, 'left', { keys }));

/** Prints each result as soon as it is known. @throws StorageFault if nothing can be stored */
async function tryAll(
  checks: readonly Check[],
  bench: Bench,
  language: Language,
  { out }: Output,
  signal?: AbortSignal,
): Promise<Result[]> {
  await bench.store.put(bench.object('first.jpg'));
  const results: Result[] = [];
  for (const check of checks) {
    const result = await runCheck(check, bench, signal);
    results.push(result);
    out(`${MARKS[result.verdict]} ${result.name} (${result.ms} ms)`);
    if (result.verdict === 'differs') out(say(language, 'difference', result));
    if (result.verdict === 'unchecked') out(say(language, 'unchecked', { reason: result.reason[language] }));
  }
  return results;
}

const MARKS = { passed: '✓', differs: '≠', unchecked: '-' } as const;

function printResult(results: readonly Result[], language: Language, { out }: Output): ExitCode {
  const count = (verdict: Result['verdict']) => results.filter((result) => result.verdict === verdict).length;
  const [passed, differ, unchecked] = [count('passed'), count('differs'), count('unchecked')];
  out(say(language, 'result', { checks: results.length, passed, differ, unchecked }));
  return differ === 0 ? EXIT.ok : EXIT.fault;
}

/** Starts the services for the first check that needs them; a failure is that of each check. */
function lazily(
  start: () => Promise<RunningServices>,
): AsyncDisposable & { get: () => Promise<RunningServices> } {
  let started: Promise<RunningServices> | null = null;
  return {
    get: () => (started ??= start()),
    async [Symbol.asyncDispose]() {
      const running = await started?.catch(() => null);
      await running?.[Symbol.asyncDispose]();
    },
  };
}
