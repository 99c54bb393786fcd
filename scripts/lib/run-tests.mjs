import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { countTests, summary } from './count-tests.mjs';
import { cpuSeconds } from './cpu-time.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { startGuardian } from './guardian.mjs';
import { findOrInstallRedis } from './install-redis.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';
import { runCommand } from './run-command.mjs';
import { complain, say } from './say.mjs';
import { Interrupted, listenForStop } from './stop-signals.mjs';
import { DURATIONS_PATH, durationsOf } from './test-durations.mjs';

/**
 * Sets up, checks, runs every test, and prints `N passed, N failed` as the last line. With arguments (paths, options of
 * vitest) it runs only what they select, without the check.
 * @returns the exit code: 0 only when tests ran and nothing failed.
 */
export async function runTests(vitestArgs) {
  const { stop: signal } = listenForStop();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  // Ends the check or vitest if this process is killed.
  const guardian = startGuardian(() => {});
  try {
    await ensureWorkspace({ root: ROOT, signal });
    const redis = await findOrInstallRedis({ signal });
    const options = { cwd: ROOT, env: testEnvironment(redis.binary), signal, show: true, guardian };
    if (vitestArgs.length > 0) say('Skipped: format, lint, types and unused code (npx pnpm check).');
    else if (!(await check(options))) counts.failed += 1;
    const tests = await runVitest(vitestArgs, options);
    for (const name of Object.keys(counts)) counts[name] += tests[name];
  } catch (error) {
    if (!(error instanceof Interrupted)) complain(error instanceof Problem ? error.message : error.stack);
    counts.failed += 1;
  } finally {
    await guardian.stop();
  }
  if (counts.passed + counts.failed === 0) complain('No test ran.');
  say(`Took ${Math.round(performance.now() / 1000)} s and ${Math.round(cpuSeconds() ?? 0)} CPU-seconds.`);
  say(summary(counts));
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

function testEnvironment(redisBinary) {
  const { NODE_ENV: _, ...env } = process.env;
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH, dirname(redisBinary)].join(delimiter);
  return { ...env, PATH: path, PIXDOCK_REDIS_SERVER: redisBinary };
}

/** Format, lint, types, unused code: the root package's `check`. */
async function check(options) {
  say('Checking format, lint, types and unused code …');
  const { code } = await runCommand('pnpm', ['--silent', 'run', 'check'], options);
  if (code !== 0) complain('The check failed (see above); it counts as one failed test.');
  return code === 0;
}

async function runVitest(args, options) {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { code } = await runCommand('vitest', ['run', ...reporters, ...args], options);
    if (process.env.PIXDOCK_WRITE_DURATIONS === '1') writeDurations(report);
    return countTests(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeDurations(report) {
  const durations = durationsOf(JSON.parse(readFileSync(report, 'utf8')), ROOT);
  writeFileSync(DURATIONS_PATH, `${JSON.stringify(durations, null, 2)}\n`);
}
