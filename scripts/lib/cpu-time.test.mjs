import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cpuSeconds } from './run-tests.mjs';

test.runIf(process.platform === 'linux')('includes the CPU time of a child that has exited', () => {
  const before = cpuSeconds();
  spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 300_000);']);
  const spent = cpuSeconds() - before;
  expect(spent).toBeGreaterThanOrEqual(0.3);
  expect(spent).toBeLessThan(5);
});
