import { expect, it, vi } from 'vitest';
import { nextDelayMs } from './schedule.js';

const HOUR_MS = 3600_000;

it('tries ten times over about 75 hours', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => nextDelayMs(attempts, null) ?? 0);
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  expect(total / HOUR_MS).toBeGreaterThan(68);
  expect(total / HOUR_MS).toBeLessThan(84);
  expect(delays[0]).toBeGreaterThanOrEqual(4500);
  expect(delays[0]).toBeLessThanOrEqual(5500);
  expect(nextDelayMs(10, null)).toBeNull();
});

it('spreads the attempts of many deliveries by a tenth in both directions', () => {
  const random = vi.spyOn(Math, 'random');
  const delays = [0, 0.5, 1].map((value) => {
    random.mockReturnValueOnce(value);
    return nextDelayMs(2, null);
  });
  random.mockRestore();
  expect(delays).toEqual([270_000, 300_000, 330_000]);
});

it('waits as long as the receiver asks', () => {
  expect(nextDelayMs(1, 60_000)).toBe(60_000);
  expect(nextDelayMs(9, 60_000)).toBeGreaterThan(60_000);
});

it('shortens all delays as much as the first', () => {
  expect(nextDelayMs(9, null, 5) ?? 0).toBeLessThan(100_000);
});
