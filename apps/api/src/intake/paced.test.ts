import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Pace, paced } from './paced.js';

const PACE: Pace = { idleMs: 60, minBytesPerSecond: 1000, graceMs: 150, checkMs: 5 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('gives the chunks of a body that comes fast enough', async () => {
  const body = new PassThrough();
  body.write('one');
  body.end('two');
  expect(await text(body)).toBe('onetwo');
});

test('gives up on silence after the idle time, and leaves the stream open without listeners', async () => {
  const body = new PassThrough();
  body.write('begun');
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(PACE.idleMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(PACE.checkMs);
  expect(outcome()).toBe('request_timeout');
  expect(body.destroyed).toBe(false);
  for (const event of ['readable', 'error']) expect(body.listenerCount(event)).toBe(0);
});

test('gives up on a slow body after the grace time, though it is never silent for long', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const outcome = outcomeOf(body);
  await vi.advanceTimersByTimeAsync(PACE.graceMs);
  expect(outcome()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(2 * PACE.checkMs);
  expect(outcome()).toBe('request_timeout');
  clearInterval(drip);
});

test('accepts a body at the minimum rate, however long it takes', async () => {
  const body = new PassThrough();
  const outcome = outcomeOf(body);
  // 1100 bytes a second: the first bytes arrive only after 10 ms.
  const flow = setInterval(() => body.write('eleven byte'), 10);
  await vi.advanceTimersByTimeAsync(20 * PACE.graceMs);
  expect(outcome()).toBe('waiting');
  clearInterval(flow);
  body.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome()).toBe('ended');
});

test('does not count the time that the consumer takes', async () => {
  const body = new PassThrough();
  body.write('one');
  const seen: string[] = [];
  for await (const chunk of paced(body, PACE)) {
    seen.push(String(chunk));
    if (seen.length === 2) continue;
    await vi.advanceTimersByTimeAsync(PACE.graceMs + PACE.idleMs);
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
  for await (const chunk of paced(body, PACE)) {
    expect(String(chunk)).toBe('first');
    break;
  }
  const ended = new Promise((resolve) => void body.once('end', resolve));
  body.resume();
  body.end('the rest');
  await ended;
});

/** Reads a body. The result tells its state: `waiting`, `ended`, or the code of the refusal. */
function outcomeOf(body: PassThrough): () => string {
  let outcome = 'waiting';
  void text(body).then(
    () => {
      outcome = 'ended';
    },
    ({ code }: { code: string }) => {
      outcome = code;
    },
  );
  return () => outcome;
}

async function text(body: PassThrough): Promise<string> {
  let all = '';
  for await (const chunk of paced(body, PACE)) all += String(chunk);
  return all;
}
