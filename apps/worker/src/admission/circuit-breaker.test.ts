import { StorageFault } from '@pixdock/object-store/types';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CircuitBreaker, openCircuitBreaker } from './circuit-breaker.js';

let breaker: CircuitBreaker;
beforeEach(() => {
  vi.useFakeTimers();
  const health = { read: async () => null, report: async () => {}, clear: async () => {} };
  breaker = openCircuitBreaker(health, { storageFailed: () => {}, storageRecovered: () => {} });
});
afterEach(() => void vi.useRealTimers());

const fault = (retryAfterMs: number | null) =>
  new StorageFault('put', {
    kind: 'throttled',
    code: 'SlowDown',
    status: 503,
    requestId: null,
    ecCode: null,
    retryAfterMs,
    fix: { en: '', zh: '' },
  });
const fail = (retryAfterMs: number | null = null, beganAt = performance.now()) =>
  breaker.recordFailure(fault(retryAfterMs), beganAt);
const later = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000);

it('lets every call through until one fails, then lets one probe at a time through until one succeeds', () => {
  expect([breaker.state(), breaker.tryAcquire(), breaker.tryAcquire()]).toEqual(['closed', true, true]);
  fail();
  expect([breaker.isOpen(), breaker.tryAcquire()]).toEqual([true, false]);
  later(16);
  expect([breaker.tryAcquire(), breaker.tryAcquire(), breaker.isOpen()]).toEqual([true, false, true]);
  breaker.recordSuccess();
  expect([breaker.isOpen(), breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([false, true, true]);
});

it('lets the next probe through when the last one reports nothing', () => {
  fail();
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
});

it('lets the next probe through at once when the last one is abandoned, and not before a failure has passed', () => {
  breaker.abandon(performance.now());
  expect(breaker.state()).toBe('closed');
  fail();
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
  breaker.abandon(performance.now());
  expect([breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([true, false]);
  fail();
  breaker.abandon(performance.now());
  expect(breaker.tryAcquire()).toBe(false);
});

it('stays open for as long as OSS asks, but no longer than a minute', () => {
  fail(40_000);
  later(39);
  expect(breaker.tryAcquire()).toBe(false);
  later(2);
  expect(breaker.tryAcquire()).toBe(true);
  fail(24 * 3600_000);
  later(61);
  expect(breaker.tryAcquire()).toBe(true);
});

it('permits one extra probe after 30 seconds without a call', () => {
  expect(breaker.tryProbe()).toBe(false);
  fail();
  later(29);
  expect(breaker.tryProbe()).toBe(false);
  later(16);
  expect([breaker.tryProbe(), breaker.tryProbe(), breaker.tryAcquire()]).toEqual([true, false, true]);
  later(46);
  expect(breaker.tryProbe()).toBe(true);
  breaker.recordSuccess();
  later(60);
  expect(breaker.tryProbe()).toBe(false);
});

it('pauses as for one failure when calls fail together', () => {
  later(1);
  for (let calls = 0; calls < 32; calls++) fail(null, 0);
  later(0.5);
  expect(breaker.state()).toBe('half-open');
  for (let calls = 0; calls < 32; calls++) fail(null, 0);
  expect(breaker.state()).toBe('half-open');
});

it.each(['fails', 'is abandoned'])(
  'pauses as long as a late response asks, also when the probe %s',
  (end) => {
    later(1);
    fail();
    later(1);
    expect(breaker.tryAcquire()).toBe(true);
    fail(10_000, 0);
    if (end === 'fails') fail();
    else breaker.abandon(performance.now());
    later(9);
    expect([breaker.isOpen(), breaker.tryAcquire()]).toEqual([true, false]);
    later(2);
    expect(breaker.tryAcquire()).toBe(true);
  },
);

it('pauses for no more than a minute, however late responses ask for more', () => {
  later(1);
  fail(60_000);
  later(59);
  fail(60_000, 0);
  later(2);
  expect(breaker.tryAcquire()).toBe(true);
});

it('keeps the probe alone when a call from before the pause ends', () => {
  later(1);
  fail();
  later(0.5);
  expect(breaker.tryAcquire()).toBe(true);
  breaker.abandon(0);
  expect(breaker.tryAcquire()).toBe(false);
});

it('pauses longer each time a probe fails', () => {
  fail();
  for (const seconds of [0.5, 1, 2, 4, 8]) {
    later(seconds);
    expect(breaker.tryAcquire()).toBe(true);
    fail();
    later(seconds * 0.9);
    expect(breaker.isOpen()).toBe(true);
  }
});
