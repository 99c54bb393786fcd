import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { setRunningTimeout } from './running-time.js';

test('excludes time during which the machine is suspended', async () => {
  let frozenMs = 0;
  let isOver = false;
  const act = () => {
    isOver = true;
  };
  onTestFinished(setRunningTimeout(2000, act, () => performance.now() + frozenMs));
  await sleep(400);
  frozenMs = 3600_000;
  await sleep(400);
  expect(isOver).toBe(false);
  await sleep(1500);
  expect(isOver).toBe(true);
});
