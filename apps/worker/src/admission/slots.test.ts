import { expect, it } from 'vitest';
import { mustWait } from './permit.js';
import { openSlots } from './slots.js';

it('limits the slots of each key, and gets each slot back once', () => {
  const slots = openSlots(2);
  const isRefused = (key: string) => mustWait(slots.acquire(key));
  const first = slots.acquire('a');
  expect(['a', 'a', 'b'].map(isRefused)).toEqual([false, true, false]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(['a', 'a'].map(isRefused)).toEqual([false, true]);
});

it('staggers the retries for one key without delaying those for another', () => {
  const slots = openSlots(1);
  slots.acquire('a');
  slots.acquire('b');
  const waits = Array.from({ length: 50 }, () => slots.acquire('a'));
  expect(waits.at(-1)).toMatchObject({ retryAfterMs: expect.closeTo(890, -2) });
  expect(slots.acquire('b')).toMatchObject({ retryAfterMs: 400 });
});
