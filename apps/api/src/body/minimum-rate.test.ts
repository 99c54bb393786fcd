import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MinimumRate } from '../http/minimum-rate.js';
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

test('gives the chunks of a body that comes fast enough', async () => {
  const body = new PassThrough();
  body.write('one');
  body.end('two');
  expect(await text(body)).toBe('onetwo');
});

test('gives up on silence in its time, and leaves the stream open without listeners', async () => {
  const body = new PassThrough();
  body.write('begun');
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  expect(body.destroyed).toBe(false);
  for (const event of ['readable', 'error']) expect(body.listenerCount(event)).toBe(0);
});

test('gives up on a body that drips once the grace is over, though it is never silent for long', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(2 * MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  clearInterval(drip);
});

test('judges a drip by each of its pieces, where no silence is long enough for a check', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const outcome = outcomeOf(body, { ...MINIMUM_RATE, checkMs: 100_000 });
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.graceMs + 10);
  expect(outcome()).toBe('request_timeout');
  clearInterval(drip);
});

test('judges the last window, and not what came long before', async () => {
  const body = new PassThrough();
  body.write(Buffer.alloc(1_000_000));
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.windowMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.windowMs / 2);
  expect(outcome()).toBe('request_timeout');
});

test('takes a body that comes just fast enough for as long as it comes', async () => {
  const body = new PassThrough();
  const outcome = outcomeOf(body);
  // 1100 bytes a second, since the window has a piece less at times.
  const flow = setInterval(() => body.write('eleven byte'), 10);
  await vi.advanceTimersByTimeAsync(10 * MINIMUM_RATE.windowMs);
  expect(outcome()).toBe('waiting');
  clearInterval(flow);
  body.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome()).toBe('ended');
});

test('gives up after the longest time, also while bytes arrive all the time', async () => {
  const body = new Readable({ read: () => {} });
  const steady = setInterval(() => body.push(Buffer.alloc(10_000)), 5);
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(MINIMUM_RATE.longestMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(2 * MINIMUM_RATE.checkMs);
  expect(outcome()).toBe('request_timeout');
  clearInterval(steady);
});

test('does not count the time that the consumer takes', async () => {
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

test('tells a body that broke off from one that ended', async () => {
  const body = new PassThrough();
  body.write('half');
  setImmediate(() => body.destroy(new Error('aborted')));
  await expect(text(body)).rejects.toMatchObject({ code: 'invalid_request' });
  const closed = new PassThrough();
  closed.destroy();
  await expect(text(closed)).rejects.toMatchObject({ code: 'invalid_request' });
});

test('after an early end the rest can be drained', async () => {
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

/** Reads a body. The result tells its state: `waiting`, `ended`, or the code of the refusal. */
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
