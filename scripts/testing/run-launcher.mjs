import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { freePort } from '../../packages/shared/src/testing/free-port.js';
import { killOnExit } from '../../packages/shared/src/testing/kill-on-exit.js';
import { descendants, isAlive, programOf } from '../../packages/shared/src/testing/processes.js';
import { keepOssPort } from '../lib/data-dir.mjs';
import { socketsOf } from '../lib/lock.mjs';

export const REAL = fileURLToPath(new URL('../start.mjs', import.meta.url));
export const STUBS = fileURLToPath(new URL('./start-with-stubs.mjs', import.meta.url));

// Settings of the developer's shell must not reach the launcher under test.
const PIXDOCK_SETTINGS =
  /^(ALIYUN_|ALIBABA_CLOUD_|OSS_DEV_|REDIS_|API_KEYS|METADATA_KEY|npm_lifecycle_event$|NODE_(ENV|PATH)$|VITEST|LC_|LANG$)/;

/** Creates a data folder for each test and starts launchers on it. Stops them after the test. */
export function launcherInTest() {
  const runs = [];
  const at = {
    dataDir: '',
    start(script, settings) {
      const run = runLauncher(script, at.dataDir, settings);
      runs.push(run);
      return run;
    },
  };
  beforeEach(async () => {
    at.dataDir = mkdtempSync(join(tmpdir(), 'pixdock-start-'));
    // Launchers of other test files search the same range for their first port.
    keepOssPort(at.dataDir, await freePort());
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) {
      run.child.kill('SIGTERM');
      await run.end();
    }
    // A killed launcher leaves its socket to the next start.
    for (const path of [...socketsOf(at.dataDir), at.dataDir])
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  });
  return at;
}

/** The API's URL in the printed block. */
export function urlOf(run) {
  return /API +(\S+)/.exec(run.output)[1];
}

/** Starts the launcher. `running()` resolves when the block is printed, `end()` to the exit code. */
function runLauncher(script, dataDir, settings = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !PIXDOCK_SETTINGS.test(name));
  const env = {
    ...Object.fromEntries(kept),
    PORT: '0',
    WORKER_CONCURRENCY: '1',
    DATA_DIR: dataDir,
    ...settings,
  };
  const child = killOnExit(spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  const run = { child, pid: child.pid, output: '', end: () => ended };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      run.output += text;
    });
  let over = false;
  const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  void ended.then(() => {
    over = true;
  });
  run.running = async () => {
    await until(
      () => over || /Stop with Ctrl-C|按 Ctrl-C 停止/.test(run.output),
      60_000,
      'the launcher runs',
    );
    if (over) throw new Error(`The launcher ended:\n${run.output}`);
    return run;
  };
  return run;
}

/** The launcher and its descendants, as `{ pid, program }`. */
export function processesOf({ pid }) {
  return [pid, ...descendants(pid)].map((process) => ({ pid: process, program: programOf(process) }));
}

export function pidOf(program, processes) {
  return processes.find((process) => process.program === program).pid;
}

export async function allGone(processes, ms) {
  await until(() => !processes.some(({ pid }) => isAlive(pid)), ms, 'every process is gone');
}

/** Resolves to the first truthy result of the condition. */
export async function until(condition, ms, what) {
  const end = Date.now() + ms;
  for (;;) {
    const met = await condition();
    if (met) return met;
    if (Date.now() > end) throw new Error(`timed out after ${ms / 1000} s: ${what}`);
    await sleep(50);
  }
}
