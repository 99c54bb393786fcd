import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { killOnExit } from '../packages/shared/src/testing/kill-on-exit.js';
import { temporaryFolder } from '../packages/shared/src/testing/temporary-folder.js';
import { allGone, processesOf, until } from './testing/run-launcher.mjs';

const NPM_TEST = fileURLToPath(new URL('testing/test-with-stubs.mjs', import.meta.url));
const PASSED = { status: 'passed', fullName: 'adds' };
const FAILED = { status: 'failed', fullName: 'divides', failureMessages: ['Error: by zero\n    at x.js'] };

/** Runs `npm test` with stubs in place of its commands. */
function start(stubs = {}, args = []) {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', ...stubs };
  const child = killOnExit(spawn(process.execPath, [NPM_TEST, ...args], { env }));
  const run = { child, pid: child.pid, output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      run.output += text;
    });
  run.end = new Promise((resolve) => child.once('close', resolve)).then((code) => {
    const lines = run.output.trimEnd().split('\n');
    return { code, lines, lastLine: lines.at(-1) };
  });
  return run;
}

/** A shell command that writes a report with these tests and exits with this code, like vitest. */
function vitest(tests, code) {
  const status = tests.some((one) => one.status === 'failed') ? 'failed' : 'passed';
  const report = JSON.stringify({ testResults: [{ name: 'a.test.ts', status, assertionResults: tests }] });
  return `for word in "$@"; do case $word in --outputFile.json=*) printf %s '${report}' > "\${word#*=}";; esac; done; exit ${code}`;
}

test('exits with 0 when all tests pass', async () => {
  const { code, lastLine } = await start({ STUB_VITEST: vitest([PASSED], 0) }).end;
  expect([code, lastLine]).toEqual([0, '1 passed, 0 failed, 0 skipped']);
});

test('exits with 1 when a test fails, and prints it with its error before the last line', async () => {
  const tests = [PASSED, FAILED, { status: 'pending', fullName: 'later' }];
  const { code, lines } = await start({ STUB_VITEST: vitest(tests, 1) }).end;
  expect(code).toBe(1);
  expect(lines.slice(-4)).toEqual([
    'Failed:',
    expect.stringMatching(/a\.test\.ts > divides$/),
    '    Error: by zero',
    '1 passed, 1 failed, 1 skipped',
  ]);
});

test('exits with 1 when a test fails although vitest exits with 0', async () => {
  const { code, lastLine } = await start({ STUB_VITEST: vitest([PASSED, FAILED], 0) }).end;
  expect([code, lastLine]).toEqual([1, '1 passed, 1 failed, 0 skipped']);
});

test.each([
  ['without a report', 'exit 7'],
  ['by a signal', 'kill -s KILL $$'],
  ['after all tests passed', vitest([PASSED], 1)],
  ['with half a report', vitest([PASSED], 1).replace("' >", "' | head -c 20 >")],
])('exits with 1 when vitest crashes %s', async (_, stub) => {
  const { code, lines, lastLine } = await start({ STUB_VITEST: stub }).end;
  expect(code).toBe(1);
  expect(lastLine).toMatch(/^[01] passed, 1 failed, 0 skipped$/);
  expect(lines).toContain('Failed:');
});

test('exits with 1 when no test ran', async () => {
  const { code, lastLine } = await start({ STUB_VITEST: vitest([], 0) }).end;
  expect([code, lastLine]).toEqual([1, '0 passed, 0 failed, 0 skipped']);
});

test('exits with 1 when the check fails, still runs the tests, and prints its errors before the last line', async () => {
  const check = "echo; echo a.ts:1 unused; exit 1 && echo fine && printf '%s\\n' 1 2 3 4 5 6 7; exit 2";
  const { code, lines } = await start({ STUB_CHECK: check, STUB_VITEST: vitest([PASSED], 0) }).end;
  expect(code).toBe(1);
  const [first, , third] = check.split(' && ');
  const shown = ['1', '2', '3', '4', '5', '6'].map((line) => `    ${line}`);
  expect(lines.slice(lines.indexOf('Failed:'))).toEqual([
    'Failed:',
    `  ${first}`,
    '    a.ts:1 unused',
    `  ${third}`,
    ...shown,
    '1 passed, 2 failed, 0 skipped',
  ]);
});

test('skips the check when a path is given, and passes the path on', async () => {
  const stub = `[ "$5" = some/path ] || exit 1; ${vitest([PASSED], 0)}`;
  const { code, lines } = await start({ STUB_CHECK: 'exit 1', STUB_VITEST: stub }, ['some/path']).end;
  expect([code, lines[0]]).toEqual([0, expect.stringContaining('Skipped: format, lint')]);
});

test.each([
  ['SIGINT', 'STUB_SET_UP'],
  ['SIGTERM', 'STUB_SET_UP'],
  ['SIGTERM', 'STUB_CHECK'],
  ['SIGINT', 'STUB_VITEST'],
  ['SIGKILL', 'STUB_SET_UP'],
])('stops all processes on %s during %s', async (signal, stub) => {
  const folder = temporaryFolder();
  const file = join(folder, 'grandchild');
  // The grandchild ignores SIGTERM, and its parent does not wait for it.
  const grandchild = `sh -c 'trap "" TERM INT; echo > ${file}; while :; do sleep 0.2; done'`;
  const run = start({ [stub]: `${grandchild} & wait` });
  await until(() => existsSync(file), 10_000, 'the grandchild runs');
  const processes = processesOf(run);
  expect(processes.length).toBeGreaterThanOrEqual(4);
  run.child.kill(signal);
  const { code, lastLine } = await run.end;
  if (signal !== 'SIGKILL') expect([code, lastLine]).toEqual([1, '0 passed, 1 failed, 0 skipped']);
  await allGone(processes, 30_000);
});
