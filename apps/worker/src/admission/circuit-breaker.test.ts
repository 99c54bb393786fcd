import { StorageFault } from '@pixdock/object-store/types';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CircuitBreaker, type OssPermit, openCircuitBreaker } from './circuit-breaker.js';
import { mustWait } from './permit.js';

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
/** A use of OSS that may begin. */
function begin(operation: 'put' | 'remove' = 'put'): OssPermit {
  const permit = breaker.acquire(operation);
  if (mustWait(permit)) throw new Error(`wait ${permit.retryAfterMs} ms`);
  return permit;
}
const fail = (permit = begin(), retryAfterMs: number | null = null) =>
  permit.recordFailure(fault(retryAfterMs));
const mayPut = () => !mustWait(breaker.acquire('put'));
const later = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000);

it('lets every put through until one fails, then lets one probe at a time through until one succeeds', () => {
  expect([breaker.state(), mayPut(), mayPut()]).toEqual(['closed', true, true]);
  fail();
  expect([breaker.state(), mayPut()]).toEqual(['open', false]);
  later(16);
  const probe = begin();
  expect([breaker.state(), mayPut()]).toEqual(['open', false]);
  probe.recordSuccess();
  expect([breaker.state(), mayPut(), mayPut()]).toEqual(['closed', true, true]);
});

it('lets every removal through after a pause, and counts none as the probe', () => {
  fail();
  expect(breaker.acquire('remove')).toMatchObject({ retryAfterMs: expect.any(Number) });
  later(16);
  begin('remove');
  begin('remove')[Symbol.dispose]();
  begin();
  expect(mustWait(breaker.acquire('remove'))).toBe(true);
});

it('lets the next probe through when the last one reports nothing', () => {
  fail();
  later(16);
  begin();
  later(16);
  expect(mayPut()).toBe(true);
});

it('lets the next probe through at once when the last one ends without a result, and not before a failure has passed', () => {
  begin()[Symbol.dispose]();
  expect(breaker.state()).toBe('closed');
  fail();
  later(16);
  begin()[Symbol.dispose]();
  const probe = begin();
  expect(mayPut()).toBe(false);
  fail(probe);
  probe[Symbol.dispose]();
  expect(mayPut()).toBe(false);
});

it('stays open for as long as OSS asks, but no longer than a minute', () => {
  fail(begin(), 40_000);
  later(39);
  expect(mayPut()).toBe(false);
  later(2);
  fail(begin(), 24 * 3600_000);
  later(61);
  expect(mayPut()).toBe(true);
});

it('permits one extra probe after 30 seconds without a put', () => {
  expect(breaker.tryProbe()).toBe(false);
  fail();
  later(29);
  expect(breaker.tryProbe()).toBe(false);
  later(16);
  expect([breaker.tryProbe(), breaker.tryProbe()]).toEqual([true, false]);
  const probe = begin();
  later(46);
  expect(breaker.tryProbe()).toBe(true);
  probe.recordSuccess();
  later(60);
  expect(breaker.tryProbe()).toBe(false);
});

it('pauses as for one failure when puts fail together', () => {
  const puts = Array.from({ length: 64 }, () => begin());
  later(1);
  for (const put of puts.slice(32)) fail(put);
  later(0.5);
  expect(breaker.state()).toBe('half-open');
  for (const put of puts.slice(0, 32)) fail(put);
  expect(breaker.state()).toBe('half-open');
});

it.each(['fails', 'ends without a result'])(
  'pauses as long as a late response asks, also when the probe %s',
  (end) => {
    const early = begin();
    later(1);
    fail();
    later(1);
    const probe = begin();
    fail(early, 10_000);
    if (end === 'fails') fail(probe);
    probe[Symbol.dispose]();
    later(9);
    expect([breaker.state(), mayPut()]).toEqual(['open', false]);
    later(2);
    expect(mayPut()).toBe(true);
  },
);

it('pauses for no more than a minute, however late responses ask for more', () => {
  const early = begin();
  later(1);
  fail(begin(), 60_000);
  later(59);
  fail(early, 60_000);
  later(2);
  expect(mayPut()).toBe(true);
});

it('keeps the probe alone when a put from before the pause ends', () => {
  const early = begin();
  later(1);
  fail();
  later(0.5);
  begin();
  early[Symbol.dispose]();
  expect(mayPut()).toBe(false);
});

it('pauses longer each time a probe fails', () => {
  fail();
  for (const seconds of [0.5, 1, 2, 4, 8]) {
    later(seconds);
    fail();
    later(seconds * 0.9);
    expect(breaker.state()).toBe('open');
  }
});
