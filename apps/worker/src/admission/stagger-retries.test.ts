import { expect, it } from 'vitest';
import { staggerRetries } from './stagger-retries.js';

function retriesAt(start: number) {
  const clock = { ms: start };
  const nextMs = staggerRetries(() => clock.ms);
  return { clock, nextMs: () => nextMs('alice'), nextMsOf: nextMs };
}

it('delays a few retries by little, and many one after the other', () => {
  const { nextMs } = retriesAt(5000);
  const delays = Array.from({ length: 1000 }, nextMs);
  expect(delays[0]).toBe(400);
  expect(delays[1]).toBe(410);
  expect(delays.at(-1)).toBe(400 + 999 * 10);
});

it('delays no retry by more than 30 seconds, however many jobs wait', () => {
  const { nextMs } = retriesAt(5000);
  const delays = Array.from({ length: 10_000 }, nextMs);
  expect(Math.max(...delays)).toBe(30_000);
});

it('delays no owner by the retries of another', () => {
  const { nextMsOf } = retriesAt(5000);
  for (let n = 0; n < 10_000; n++) nextMsOf('alice');
  expect(nextMsOf('bob')).toBe(400);
});

it('shortens the delay again once the earlier retries are due', () => {
  const { clock, nextMs } = retriesAt(5000);
  for (let n = 0; n < 200; n++) nextMs();
  clock.ms += 1000;
  expect(nextMs()).toBe(1400);
  clock.ms += 2000;
  expect(nextMs()).toBe(400);
});
