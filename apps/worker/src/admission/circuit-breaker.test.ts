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
const later = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000);

it('lets every call through until one fails, then lets one probe at a time through until one succeeds', () => {
  expect([breaker.state(), breaker.tryAcquire(), breaker.tryAcquire()]).toEqual(['closed', true, true]);
  breaker.recordFailure(fault(null));
  expect([breaker.isOpen(), breaker.tryAcquire()]).toEqual([true, false]);
  later(16);
  expect([breaker.tryAcquire(), breaker.tryAcquire(), breaker.isOpen()]).toEqual([true, false, true]);
  breaker.recordSuccess();
  expect([breaker.isOpen(), breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([false, true, true]);
});

it('lets the next probe through when the last one reports nothing', () => {
  breaker.recordFailure(fault(null));
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
});

it('lets the next probe through at once when the last one is abandoned, and not before a failure has passed', () => {
  breaker.abandon();
  expect(breaker.state()).toBe('closed');
  breaker.recordFailure(fault(null));
  later(16);
  expect(breaker.tryAcquire()).toBe(true);
  breaker.abandon();
  expect([breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([true, false]);
  breaker.recordFailure(fault(null));
  breaker.abandon();
  expect(breaker.tryAcquire()).toBe(false);
});

it('stays open for as long as OSS asks, but no longer than a minute', () => {
  breaker.recordFailure(fault(40_000));
  later(39);
  expect(breaker.tryAcquire()).toBe(false);
  later(2);
  expect(breaker.tryAcquire()).toBe(true);
  breaker.recordFailure(fault(24 * 3600_000));
  later(61);
  expect(breaker.tryAcquire()).toBe(true);
});

it('permits one extra probe after 30 seconds without a call', () => {
  expect(breaker.tryProbe()).toBe(false);
  breaker.recordFailure(fault(null));
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
