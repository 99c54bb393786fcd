import { expect, it } from 'vitest';
import { openHostSlots } from './host-slots.js';

it('gives out so many slots per host and port, whatever the URL looks like', () => {
  const slots = openHostSlots(2);
  const first = slots.take('http://shop.com/a');
  expect(first).not.toBeNull();
  expect(slots.take('http://SHOP.com.:80/b?x')).not.toBeNull();
  expect(slots.take('http://shop.com/c')).toBeNull();
  expect(slots.take('http://shop.com:81/')).not.toBeNull();
  expect(slots.take('https://shop.com/')).not.toBeNull();
  expect(slots.take('http://cdn.shop.com/')).not.toBeNull();
  first?.();
  first?.();
  expect(slots.take('http://shop.com/c')).not.toBeNull();
  expect(slots.take('http://shop.com/c')).toBeNull();
});
