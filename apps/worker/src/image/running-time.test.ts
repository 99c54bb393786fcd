import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { afterRunning } from './running-time.js';

test('time in which the machine was frozen does not count', async () => {
  let frozenMs = 0;
  let isOver = false;
  const act = () => {
    isOver = true;
  };
  onTestFinished(afterRunning(2000, act, () => performance.now() + frozenMs));
  await sleep(400);
  frozenMs = 3600_000;
  await sleep(400);
  expect(isOver).toBe(false);
  await sleep(1500);
  expect(isOver).toBe(true);
});
