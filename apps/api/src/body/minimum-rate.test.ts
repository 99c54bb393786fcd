import { PassThrough, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MinimumRate } from '../http/env.js';
import { enforceMinimumRate } from './minimum-rate.js';

const MINIMUM_RATE: MinimumRate = {
  minBytesPerSecond: 1000,
  windowMs: 200,
  graceMs: 100,
  longestMs: 5000,
  checkMs: 5,
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('yields the chunks of a body that arrives fast enough', async () => {
  const body = new PassThrough();
  body.write('one');
  body.end('two');
  expect(await text(body)).toBe('onetwo');
});

test('ends after silence, and leaves the stream open without listeners', async () => {
  const body = new PassThrough();
  body.write('begun');
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  expect(body.destroyed).toBe(false);
  for (const event of ['data', 'end', 'close', 'error']) expect(body.listenerCount(event)).toBe(0);
});

test('ends a body that drips after the grace, even if it is never silent for long', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(2 * MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  clearInterval(drip);
});

test('checks the rate at each piece if no silence lasts until a check', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const outcome = outcomeOf(body, { ...MINIMUM_RATE, checkMs: 100_000 });
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs + 10);
  expect(outcome()).toBe('request_timeout');
  clearInterval(drip);
});

test('measures only the last window', async () => {
  const body = new PassThrough();
  body.write(Buffer.alloc(1_000_000));
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.windowMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.windowMs / 2);
  expect(outcome()).toBe('request_timeout');
});

test('accepts a body that is just fast enough, however long it takes', async () => {
  const body = new PassThrough();
  const outcome = outcomeOf(body);
  // 1,100 bytes per second, because the window sometimes has one piece less.
  const flow = setInterval(() => body.write('eleven byte'), 10);
  await vi.advanceTimersByTimeAsync(10 * MINIMUM_RATE.windowMs);
  expect(outcome()).toBe('waiting');
  clearInterval(flow);
  body.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome()).toBe('ended');
});

test('ends after the longest time, even while bytes arrive', async () => {
  const body = new Readable({ read: () => {} });
  const steady = setInterval(() => body.push(Buffer.alloc(10_000)), 5);
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.longestMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(2 * MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  clearInterval(steady);
});

test('ends after the longest time, even while a piece is always there', async () => {
  const body = new Readable({ read: () => {} });
  body.push('first');
  const began = performance.now();
  const reading = async () => {
    for await (const _ of enforceMinimumRate(body, MINIMUM_RATE)) {
      body.push('next');
      vi.advanceTimersByTime(MINIMUM_RATE.longestMs / 10);
      if (performance.now() - began > 2 * MINIMUM_RATE.longestMs) return;
    }
  };
  await expect(reading()).rejects.toMatchObject({ code: 'request_timeout' });
});

test('ignores the time that the consumer takes', async () => {
  const body = new PassThrough();
  body.write('one');
  const seen: string[] = [];
  for await (const chunk of enforceMinimumRate(body, MINIMUM_RATE)) {
    seen.push(String(chunk));
    if (seen.length === 2) continue;
    await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs + MINIMUM_RATE.windowMs);
    body.end('two');
  }
  expect(seen).toEqual(['one', 'two']);
});

test('joins small chunks that arrive together', async () => {
  const body = new Readable({ read: () => {} });
  for (let i = 0; i < 1000; i++) body.push(String(i % 10));
  body.push(null);
  const chunks: Buffer[] = [];
  for await (const chunk of enforceMinimumRate(body, MINIMUM_RATE)) chunks.push(chunk);
  expect(chunks.length).toBeLessThan(20);
  expect(String(Buffer.concat(chunks))).toBe('0123456789'.repeat(100));
});

test('leaves most of a body in its stream while the consumer is busy', async () => {
  const body = new Readable({ read: () => {} });
  body.push('first');
  for await (const _ of enforceMinimumRate(body, MINIMUM_RATE)) {
    for (let i = 0; i < 100; i++) body.push(Buffer.alloc(10_000));
    await nextTurn();
    expect(body.readableLength).toBeGreaterThan(500_000);
    break;
  }
});

test('distinguishes an interrupted body from a complete one', async () => {
  const body = new PassThrough();
  body.write('half');
  setImmediate(() => body.destroy(new Error('aborted')));
  await expect(text(body)).rejects.toMatchObject({ code: 'invalid_request' });
  const closed = new PassThrough();
  closed.destroy();
  await expect(text(closed)).rejects.toMatchObject({ code: 'invalid_request' });
});

test('leaves a stream that can be drained after an early end', async () => {
  const body = new PassThrough();
  body.write('first');
  for await (const chunk of enforceMinimumRate(body, MINIMUM_RATE)) {
    expect(String(chunk)).toBe('first');
    break;
  }
  const ended = new Promise((resolve) => void body.once('end', resolve));
  body.resume();
  body.end('the rest');
  await ended;
});

/** Reads a body. The result returns its state: `waiting`, `ended`, or the code of the refusal. */
function outcomeOf(body: Readable, minimumRate = MINIMUM_RATE): () => string {
  let outcome = 'waiting';
  void text(body, minimumRate).then(
    () => {
      outcome = 'ended';
    },
    ({ code }: { code: string }) => {
      outcome = code;
    },
  );
  return () => outcome;
}

async function text(body: Readable, minimumRate = MINIMUM_RATE): Promise<string> {
  let all = '';
  for await (const chunk of enforceMinimumRate(body, minimumRate)) all += String(chunk);
  return all;
}
