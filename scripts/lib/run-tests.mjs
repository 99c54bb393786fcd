import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { TESTS } from '../messages/tests.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { findOrInstallRedis } from './find-or-install-redis.mjs';
import { preparePrometheus } from './prepare-prometheus.mjs';
import { ROOT } from './root.mjs';
import { runCommand } from './run-command.mjs';
import { complain, inLanguage, Problem, say } from './say.mjs';
import { Interrupted, listenForStop } from './stop-signals.mjs';

/** Format, lint, types, unused code: the commands of the root package's `check`. */
const CHECK = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts.check.split(' && ');
/** Lines of a failed command's output that are repeated at the end. */
const SHOWN_LINES = 6;

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
    else failures.push(...(await runCheck(check, options)));
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

/** Runs all commands of the check. @returns a failure for each that fails: the command and the first lines of its output */
async function runCheck(commands, options) {
  say(TESTS.checking());
  const failures = [];
  for (const command of commands) {
    const { code, output } = await runCommand('sh', ['-c', command], { ...options, show: false });
    process.stdout.write(output);
    if (code !== 0) failures.push([command, ...firstLines(output)].join('\n    '));
  }
  return failures;
}

const firstLines = (output) =>
  stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, SHOWN_LINES);

async function runVitest([command, ...words], args, options) {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { code } = await runCommand(command, [...words, 'run', ...reporters, ...args], options);
    return readReport(report, code, ROOT);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe(error) {
  if (error instanceof Interrupted) return inLanguage(TESTS.interrupted({ reason: error.message }));
  return error instanceof Problem ? error.message : error.stack;
}

/**
 * Reads a JSON report of vitest. There is at least one failure when its exit code says so.
 * @returns `{ passed, skipped, failures }`; a failure is the file, the test and the first line of its error.
 */
export function readReport(path, code, root) {
  const files = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).testResults : [];
  const statuses = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const failures = files.flatMap((file) => failuresOf(file, relative(root, file.name)));
  if (failures.length === 0 && code !== 0) failures.push(inLanguage(TESTS.vitestFailed({ code })));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  return { passed, skipped: statuses.length - passed - failed, failures };
}

/** A file that cannot be loaded, or whose set-up fails, fails without a failed test in it. */
function failuresOf({ status, message, assertionResults }, file) {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [`${file}\n    ${firstLine(message)}`] : [];
  return tests.map(
    ({ fullName, failureMessages }) => `${file} > ${fullName}\n    ${firstLine(failureMessages?.[0])}`,
  );
}

const firstLine = (message = '') => stripVTControlCharacters(message).trim().split('\n')[0];

/** sysconf(_SC_CLK_TCK) on Linux. */
const TICKS_PER_SECOND = 100;

/** CPU-seconds of this process and its finished children; null on systems without /proc. */
export function cpuSeconds() {
  if (!existsSync('/proc/self/stat')) return null;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // proc_pid_stat(5): after the name in parentheses, from the third field on; 14 to 17 are the times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(14 - 3, 18 - 3).map(Number);
  return ticks.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND;
}
