import { StorageFault } from '@pixdock/object-store/types';
import { createLog } from '@pixdock/shared/runtime/log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStorageGate, type StorageGate } from './circuit-breaker.js';

let gate: StorageGate;
beforeEach(() => {
  vi.useFakeTimers();
  const health = { read: async () => null, report: async () => {}, clear: async () => {} };
  gate = openStorageGate(health, createLog('test', { level: 'silent' }));
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

test('works for everyone until something fails, then for one at a time until something works', () => {
  expect([gate.admits(), gate.admits()]).toEqual([true, true]);
  gate.failed(fault(null));
  expect([gate.isClosed(), gate.admits()]).toEqual([true, false]);
  later(16);
  expect([gate.admits(), gate.admits(), gate.isClosed()]).toEqual([true, false, true]);
  gate.passed();
  expect([gate.isClosed(), gate.admits(), gate.admits()]).toEqual([false, true, true]);
});

test('one that is let through and never tells does not keep it closed', () => {
  gate.failed(fault(null));
  later(16);
  expect(gate.admits()).toBe(true);
  later(16);
  expect(gate.admits()).toBe(true);
});

test('waits as long as OSS asks, and no longer than a minute', () => {
  gate.failed(fault(40_000));
  later(39);
  expect(gate.admits()).toBe(false);
  later(2);
  expect(gate.admits()).toBe(true);
  gate.failed(fault(24 * 3600_000));
  later(61);
  expect(gate.admits()).toBe(true);
});

test('one that nobody tries asks for a try, by one at a time', () => {
  expect(gate.isNeglected()).toBe(false);
  gate.failed(fault(null));
  later(29);
  expect(gate.isNeglected()).toBe(false);
  later(16);
  expect([gate.isNeglected(), gate.isNeglected(), gate.admits()]).toEqual([true, false, true]);
  later(46);
  expect(gate.isNeglected()).toBe(true);
  gate.passed();
  later(60);
  expect(gate.isNeglected()).toBe(false);
});
