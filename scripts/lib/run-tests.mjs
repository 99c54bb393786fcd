import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { TESTS } from '../messages/tests.mjs';
import { cpuSeconds } from './cpu-time.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { findOrInstallRedis } from './find-or-install-redis.mjs';
import { preparePrometheus } from './prepare-prometheus.mjs';
import { readReport } from './read-report.mjs';
import { ROOT } from './root.mjs';
import { runCommand } from './run-command.mjs';
import { complain, inLanguage, Problem, say } from './say.mjs';
import { Interrupted, listenForStop } from './stop-signals.mjs';
import { DURATIONS_PATH, durationsOf } from './test-durations.mjs';

const CHECK = ['pnpm', '--silent', 'run', 'check'];
/** TypeScript and Oxlint are Go programs: to collect garbage less often saves them a quarter of the CPU time and costs 0.5 GiB. */
const CHECK_ENV = { GOGC: '400' };

/**
 * `npm test`: sets up, checks, runs every test, and prints `N passed, N failed, N skipped` as the last line. With arguments
 * (paths, options of vitest) it runs only what they select, without the check.
 * @returns the exit code: 0 only when tests ran and nothing failed.
 */
export async function runTests(args, { prepare = setUp, check = CHECK, vitest = ['vitest'] } = {}) {
  const { stop: signal } = listenForStop();
  const failures = [];
  let tests = { passed: 0, skipped: 0, failures: [] };
  try {
    const options = { cwd: ROOT, env: await prepare(signal), signal, show: true };
    if (args.length > 0) say(TESTS.checkSkipped());
    else if (!(await isClean(check, { ...options, env: { ...CHECK_ENV, ...options.env } })))
      failures.push(inLanguage(TESTS.checkFailed()));
    tests = await runVitest(vitest, args, options);
  } catch (error) {
    failures.push(describe(error));
  }
  failures.push(...tests.failures);
  if (tests.passed + failures.length === 0) complain(TESTS.noneRan());
  const seconds = Math.round(performance.now() / 1000);
  say(TESTS.took({ seconds, cpuSeconds: Math.round(cpuSeconds() ?? 0) }));
  if (failures.length > 0) say([inLanguage(TESTS.failures()), ...failures].join('\n  '));
  say(`${tests.passed} passed, ${failures.length} failed, ${tests.skipped} skipped`);
  return failures.length > 0 || tests.passed === 0 ? 1 : 0;
}

/** Installs and builds what is stale. @returns the environment of the tests */
async function setUp(signal) {
  await ensureWorkspace({ root: ROOT, signal });
  const { binary } = await findOrInstallRedis(signal);
  await preparePrometheus(ROOT, signal);
  const { NODE_ENV: _, ...env } = process.env;
  const path = [join(ROOT, 'node_modules', '.bin'), env.PATH, dirname(binary)].join(delimiter);
  // Redis refuses to start when the locale is not installed.
  return { ...env, PATH: path, PIXDOCK_REDIS_SERVER: env.PIXDOCK_REDIS_SERVER ?? binary, LC_ALL: 'C' };
}

/** Format, lint, types, unused code: the root package's `check`. */
async function isClean([command, ...args], options) {
  say(TESTS.checking());
  const { code } = await runCommand(command, args, options);
  return code === 0;
}

async function runVitest([command, ...words], args, options) {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { code } = await runCommand(command, [...words, 'run', ...reporters, ...args], options);
    if (process.env.PIXDOCK_WRITE_DURATIONS === '1') writeDurations(report);
    return readReport(report, code, ROOT);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeDurations(report) {
  const durations = durationsOf(JSON.parse(readFileSync(report, 'utf8')), ROOT);
  writeFileSync(DURATIONS_PATH, `${JSON.stringify(durations, null, 2)}\n`);
}

function describe(error) {
  if (error instanceof Interrupted) return inLanguage(TESTS.interrupted({ reason: error.message }));
  return error instanceof Problem ? error.message : error.stack;
}
