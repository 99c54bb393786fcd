import { createLog } from '@pixdock/shared/runtime/log';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runOrDefer } from './when-redis-is-back.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const deps = () => ({
  log: createLog('test', { level: 'silent' }),
  stopping: new AbortController().signal,
});

it('waits at most two seconds for Redis', async () => {
  let isOver = false;
  void runOrDefer(deps(), 'x', () => new Promise(() => {})).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(true);
});

it('returns after the first failure, and retries in the background', async () => {
  let tries = 0;
  await runOrDefer(deps(), 'x', async () => {
    if (tries++ < 3) throw new Error('Command timed out');
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tries).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});
