import { afterEach, expect, test, vi } from 'vitest';
import { clockAheadMs, nowMs, setRedisTime } from './clock.js';

const START_MS = Date.parse('2027-01-31T00:00:00Z');
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
  setRedisTime(null);
});

test('goes by the clock of Redis, also after that of the host jumped', () => {
  vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout'] });
  expect([nowMs(), clockAheadMs()]).toEqual([START_MS, 0]);
  setRedisTime(START_MS - HOUR_MS);
  vi.advanceTimersByTime(1000);
  expect([nowMs(), clockAheadMs()]).toEqual([START_MS - HOUR_MS + 1000, HOUR_MS]);
  vi.setSystemTime(START_MS - 3 * HOUR_MS);
  expect(nowMs()).toBe(START_MS - HOUR_MS + 1000);
});

test('keeps to the clock of a host that agrees with Redis, apart from the time of its reply', () => {
  vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance'] });
  setRedisTime(START_MS - 150);
  expect(nowMs()).toBe(START_MS);
});
