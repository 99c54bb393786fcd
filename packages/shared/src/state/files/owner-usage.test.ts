import { expect, it } from 'vitest';
import { openOwnerUsage } from './owner-usage.js';

it('adds the bytes stored during a count to its result, and no others', () => {
  const usage = openOwnerUsage();
  usage.store('alice', 100);
  const setCounted = usage.beginCount();
  usage.store('alice', 20);
  usage.reserve('alice', 3);
  expect(usage.bytes('alice')).toBe(123);
  setCounted(new Map([['alice', 105]]));
  expect([usage.bytes('alice'), usage.bytes('bob')]).toEqual([128, 0]);
  usage.reserve('alice', -3);
  usage.beginCount()(new Map());
  expect(usage.bytes('alice')).toBe(0);
});
