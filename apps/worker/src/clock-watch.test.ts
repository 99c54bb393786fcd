import type { Logger } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchClock } from './clock-watch.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Watches the clock with these outcomes of ending the delays. */
function watch(...outcomes: (Error | null)[]) {
  const endDelays = vi.fn(async () => {
    const error = outcomes.shift() ?? null;
    if (error !== null) throw error;
  });
  const logged: string[] = [];
  const note = (_fields: unknown, message?: string) => void logged.push(String(message));
  const stop = watchClock({ endDelays }, stub<Logger>({ warn: note, debug: note }));
  const back = async (ms: number) => {
    vi.setSystemTime(Date.now() - ms);
    await vi.advanceTimersByTimeAsync(1000);
  };
  return { endDelays, logged, stop, back };
}

it('ends all delays once when the clock goes back, and ignores small steps and steps forward', async () => {
  const { endDelays, logged, stop, back } = watch();
  for (const ms of [0, 2000, -60_000]) await back(ms);
  expect(endDelays).not.toHaveBeenCalled();
  // The second that passes meanwhile hides none of it.
  await back(5500);
  await back(0);
  expect(endDelays).toHaveBeenCalledTimes(1);
  expect(logged).toEqual(['the clock went back: delayed jobs run now']);
  stop();
  await back(10_000);
  expect(endDelays).toHaveBeenCalledTimes(1);
});

it('tries again a second later while Redis does not respond', async () => {
  const { endDelays, logged, stop, back } = watch(new Error('away'));
  await back(10_000);
  await back(0);
  expect(endDelays).toHaveBeenCalledTimes(2);
  expect(logged).toEqual([
    'the clock went back: delayed jobs cannot run yet',
    'the clock went back: delayed jobs run now',
  ]);
  stop();
});
