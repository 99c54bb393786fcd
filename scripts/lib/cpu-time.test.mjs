import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cpuSeconds } from './cpu-time.mjs';

test.runIf(process.platform === 'linux')('the CPU time of a child that has ended is counted', () => {
  const before = cpuSeconds();
  spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 300_000);']);
  const spent = cpuSeconds() - before;
  expect(spent).toBeGreaterThanOrEqual(0.3);
  expect(spent).toBeLessThan(5);
});
