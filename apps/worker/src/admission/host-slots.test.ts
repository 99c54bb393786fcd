import { expect, it } from 'vitest';
import { openHostSlots } from './host-slots.js';
import { mustWait } from './permit.js';

it('limits the slots per host and port, however the URL is spelled', () => {
  const slots = openHostSlots(2);
  const isRefused = (url: string) => mustWait(slots.acquire(url));
  const first = slots.acquire('http://shop.com/a');
  expect(isRefused('http://SHOP.com.:80/b?x')).toBe(false);
  expect(isRefused('http://shop.com/c')).toBe(true);
  expect(isRefused('http://shop.com:81/')).toBe(false);
  expect(isRefused('https://shop.com/')).toBe(false);
  expect(isRefused('http://cdn.shop.com/')).toBe(false);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(isRefused('http://shop.com/c')).toBe(false);
  expect(isRefused('http://shop.com/c')).toBe(true);
});

it('staggers the retries for one host without delaying those for another', () => {
  const slots = openHostSlots(1);
  slots.acquire('http://shop.com/');
  slots.acquire('http://other.com/');
  const waits = Array.from({ length: 50 }, () => slots.acquire('http://shop.com/'));
  expect(waits.at(-1)).toMatchObject({ retryAfterMs: expect.closeTo(890, -2) });
  expect(slots.acquire('http://other.com/')).toMatchObject({ retryAfterMs: 400 });
});
