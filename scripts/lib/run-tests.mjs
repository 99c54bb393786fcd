import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { countTests, summary } from './count-tests.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { findOrInstallRedis } from './install-redis.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';
import { runCommand } from './run-command.mjs';
import { complain, say } from './say.mjs';
import { Interrupted, listenForStop } from './stop-signals.mjs';

/**
 * Sets up, checks, runs every test, and prints `N passed, N failed` as the last line.
 * @returns the exit code: 0 only when tests ran and nothing failed.
 */
export async function runTests(vitestArgs) {
  const { stop: signal } = listenForStop();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    await ensureWorkspace({ root: ROOT, signal });
    const redis = await findOrInstallRedis({ signal });
    const env = testEnvironment(redis.binary);
    if (!(await check(env, signal))) counts.failed += 1;
    const tests = await runVitest(vitestArgs, env, signal);
    for (const name of Object.keys(counts)) counts[name] += tests[name];
  } catch (error) {
    if (!(error instanceof Interrupted)) complain(error instanceof Problem ? error.message : error.stack);
    counts.failed += 1;
  }
  if (counts.passed + counts.failed === 0) complain('No test ran.');
  say(summary(counts));
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

function testEnvironment(redisBinary) {
  const { NODE_ENV: _, ...env } = process.env;
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH, dirname(redisBinary)].join(delimiter);
  return { ...env, PATH: path, PIXDOCK_REDIS_SERVER: redisBinary };
}

/** Format, lint, types, unused code: the root package's `check`. */
async function check(env, signal) {
  say('Checking format, lint, types and unused code …');
  const { code } = await runCommand('pnpm', ['--silent', 'run', 'check'], {
    cwd: ROOT,
    env,
    signal,
    show: true,
  });
  if (code !== 0) complain('The check failed (see above); it counts as one failed test.');
  return code === 0;
}

async function runVitest(args, env, signal) {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { code } = await runCommand('vitest', ['run', ...reporters, ...args], {
      cwd: ROOT,
      env,
      signal,
      show: true,
    });
    return countTests(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
