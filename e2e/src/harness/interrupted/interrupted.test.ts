import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { isAlive } from '@pixdock/shared/testing/processes';
import { expect, test } from 'vitest';
import { until } from '../client.js';

const NPM_TEST = fileURLToPath(new URL('../../../../scripts/test.mjs', import.meta.url));
const CONFIG = fileURLToPath(new URL('vitest.config.mjs', import.meta.url));

/** Runs `npm test` with the hanging test and returns the pids once that test runs. */
async function startRun(folder: string) {
  const env = { ...process.env, PIXDOCK_INTERRUPTED: folder };
  const args = [NPM_TEST, '--config', CONFIG];
  const runner = killOnExit(spawn(process.execPath, args, { env, stdio: 'ignore' }));
  const pids = await until('the test to hang', 40, async () => {
    const found = readFileSync(join(folder, 'pids'), 'utf8').split(' ').map(Number);
    return found.length === 4 ? found : null;
  });
  const [worker = 0, vitest = 0, ...services] = pids;
  return { runner, vitest, all: [runner.pid ?? 0, worker, vitest, ...services] };
}

test.each<[NodeJS.Signals, 'npm test' | 'vitest']>([
  ['SIGTERM', 'npm test'],
  ['SIGKILL', 'npm test'],
  ['SIGKILL', 'vitest'],
])('leaves no process behind after %s to %s', async (signal, whom) => {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-interrupted-'));
  const { runner, vitest, all } = await startRun(folder);
  expect(all.filter((pid) => !isAlive(pid))).toEqual([]);
  process.kill(whom === 'vitest' ? vitest : (runner.pid ?? 0), signal);
  await until('all processes to be gone', 30, async () => (all.some(isAlive) ? null : true));
  rmSync(folder, { recursive: true });
});
