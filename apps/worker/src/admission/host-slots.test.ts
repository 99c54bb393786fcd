import { expect, it } from 'vitest';
import { openHostSlots } from './host-slots.js';

const refused = { againMs: expect.any(Number) };

it('gives out so many slots per host and port, whatever the URL looks like', () => {
  const slots = openHostSlots(2);
  const first = slots.take('http://shop.com/a');
  if (!('leave' in first)) throw new Error('refused');
  expect(slots.take('http://SHOP.com.:80/b?x')).not.toEqual(refused);
  expect(slots.take('http://shop.com/c')).toEqual(refused);
  expect(slots.take('http://shop.com:81/')).not.toEqual(refused);
  expect(slots.take('https://shop.com/')).not.toEqual(refused);
  expect(slots.take('http://cdn.shop.com/')).not.toEqual(refused);
  first.leave();
  first.leave();
  expect(slots.take('http://shop.com/c')).not.toEqual(refused);
  expect(slots.take('http://shop.com/c')).toEqual(refused);
});

it('has those who wait for one host ask one after the other', () => {
  const slots = openHostSlots(1);
  slots.take('http://shop.com/');
  slots.take('http://other.com/');
  const waits = Array.from({ length: 50 }, () => slots.take('http://shop.com/'));
  expect(waits.at(-1)).toEqual({ againMs: expect.closeTo(890, -2) });
  expect(slots.take('http://other.com/')).toEqual({ againMs: 400 });
});
