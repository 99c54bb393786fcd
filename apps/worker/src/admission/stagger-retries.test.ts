import { expect, it } from 'vitest';
import { openTurns } from './stagger-retries.js';

function turnsAt(start: number) {
  const clock = { ms: start };
  return { clock, turn: openTurns(() => clock.ms) };
}

it('lets a few look again soon, and many one after the other', () => {
  const { turn } = turnsAt(5000);
  const waits = Array.from({ length: 1000 }, turn);
  expect(waits[0]).toBe(400);
  expect(waits[1]).toBe(410);
  expect(waits.at(-1)).toBe(400 + 999 * 10);
});

it('keeps nobody for long, however many there are', () => {
  const { turn } = turnsAt(5000);
  const waits = Array.from({ length: 10_000 }, turn);
  expect(Math.max(...waits)).toBe(30_000);
});

it('is soon again for whoever comes when the others have had their turns', () => {
  const { clock, turn } = turnsAt(5000);
  for (let n = 0; n < 200; n++) turn();
  clock.ms += 1000;
  expect(turn()).toBe(1400);
  clock.ms += 2000;
  expect(turn()).toBe(400);
});
