import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startClock } from './clock.js';
import { SOURCE_LIMITS } from './limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('counts one phase at a time, and nothing after its stop', () => {
  const clock = startClock(SOURCE_LIMITS, []);
  clock.enter('connect');
  vi.advanceTimersByTime(SOURCE_LIMITS.connectMs - 1);
  clock.enter('headers');
  vi.advanceTimersByTime(SOURCE_LIMITS.headersMs - 1);
  clock.rest();
  vi.advanceTimersByTime(SOURCE_LIMITS.idleMs * 2);
  expect([clock.signal.aborted, clock.late()]).toEqual([false, null]);
  clock.enter('idle');
  clock.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('reports the limit that was reached first', () => {
  const clock = startClock(SOURCE_LIMITS, []);
  clock.enter('headers');
  vi.advanceTimersByTime(SOURCE_LIMITS.totalMs);
  expect(clock.signal.reason).toBe(clock.late());
  expect(clock.late()).toMatchObject({ code: 'source_timeout', again: true });
  expect(clock.late()?.message).toContain('10 seconds');
});

it('keeps no listener on the signal of a caller after its stop', () => {
  const caller = new AbortController();
  const clock = startClock(SOURCE_LIMITS, [caller.signal]);
  clock.stop();
  caller.abort();
  expect(clock.signal.aborted).toBe(false);
});

it('may share the signal of a caller with many others', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const { signal } = new AbortController();
  const clocks = Array.from({ length: 20 }, () => startClock(SOURCE_LIMITS, [signal]));
  // Node emits warnings on the next tick.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(warnings).toEqual([]);
  process.off('warning', note);
  for (const clock of clocks) clock.stop();
});
