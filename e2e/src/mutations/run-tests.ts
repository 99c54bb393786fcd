import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MutationRule } from './rule.js';

export interface TestCounts {
  passed: number;
  failed: number;
}

/** Beyond this a run counts as hung: the slowest test named by a rule takes 20 s, and 30 s is a test's own limit. */
const MAX_RUN_MS = 120_000;
const KEPT_OUTPUT = 4000;

/** Runs a rule's tests in a copy of the checkout. @throws when vitest writes no report within two minutes, or `signal` aborts */
export async function runTests(
  root: string,
  { tests, only }: Pick<MutationRule, 'tests' | 'only'>,
  signal: AbortSignal,
): Promise<TestCounts> {
  const report = join(root, 'mutation-report.json');
  rmSync(report, { force: true });
  const named = only === undefined ? [] : ['--testNamePattern', escaped(only)];
  const reporters = ['--reporter=json', `--outputFile.json=${report}`];
  const output = await runInCopy(root, ['vitest', 'run', ...reporters, ...named, ...tests], signal);
  if (!existsSync(report)) throw new Error(`vitest wrote no report: ${output.text}`);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests };
}

/** Compiles the copy. @throws when it does not compile: the compiler already notices such a defect */
export async function build(root: string, signal: AbortSignal): Promise<void> {
  const { code, text } = await runInCopy(root, ['tsc', '-b'], signal);
  if (code !== 0) throw new Error(`it does not compile: ${text}`);
}

async function runInCopy(root: string, [command = '', ...args]: string[], signal: AbortSignal) {
  const late = AbortSignal.timeout(MAX_RUN_MS);
  const end = AbortSignal.any([signal, late]);
  end.throwIfAborted();
  // In its own process group, so that servers started by tests are killed with them.
  const child = spawn(join(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text = (text + String(chunk)).slice(-KEPT_OUTPUT);
    });
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  end.addEventListener('abort', kill, { once: true });
  const [code] = await once(child, 'close').finally(() => end.removeEventListener('abort', kill));
  signal.throwIfAborted();
  if (late.aborted) throw new Error(`${command} took longer than ${MAX_RUN_MS / 1000} s`);
  return { code: code as number | null, text };
}

/** Without the variables that a vitest or pnpm above this process has set. */
function environment(): NodeJS.ProcessEnv {
  const isFromAbove = (name: string) =>
    /^(VITEST|VITE_|NODE_ENV$|npm_|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isFromAbove(name)));
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
