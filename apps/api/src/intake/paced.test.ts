import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Pace, paced } from './paced.js';

const PACE: Pace = { minBytesPerSecond: 1000, windowMs: 200, graceMs: 100, longestMs: 5000, checkMs: 5 };

test('gives the chunks of a body that comes fast enough', async () => {
  const body = new PassThrough();
  body.write('one');
  body.end('two');
  expect(await text(body)).toBe('onetwo');
});

test('gives up on silence, and leaves the stream open without listeners', async () => {
  const body = new PassThrough();
  body.write('begun');
  await expect(text(body)).rejects.toMatchObject({ code: 'request_timeout' });
  expect(body.destroyed).toBe(false);
  for (const event of ['readable', 'error']) expect(body.listenerCount(event)).toBe(0);
});

test('gives up on a body that drips, though it is never silent for long', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  const began = performance.now();
  await expect(text(body)).rejects.toMatchObject({ code: 'request_timeout' });
  clearInterval(drip);
  expect(performance.now() - began).toBeGreaterThanOrEqual(PACE.graceMs);
});

test('judges a drip by each of its pieces, where no silence is long enough for a check', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('.'), 10);
  await expect(text(body, { ...PACE, checkMs: 100_000 })).rejects.toMatchObject({ code: 'request_timeout' });
  clearInterval(drip);
});

test('judges the last window, and not what came long before', async () => {
  const body = new PassThrough();
  body.write(Buffer.alloc(1_000_000));
  const began = performance.now();
  await expect(text(body)).rejects.toMatchObject({ code: 'request_timeout' });
  const took = performance.now() - began;
  expect(took).toBeGreaterThanOrEqual(PACE.windowMs);
  expect(took).toBeLessThan(PACE.longestMs / 2);
});

test('takes a body that keeps the pace for many windows', async () => {
  const body = new PassThrough();
  const steady = setInterval(() => body.write(Buffer.alloc(200)), 20);
  setTimeout(() => {
    clearInterval(steady);
    body.end();
  }, 4 * PACE.windowMs);
  expect((await text(body)).length).toBeGreaterThan(2000);
});

test('gives up after the longest time, also while bytes arrive all the time', async () => {
  const body = new Readable({ read: () => {} });
  const steady = setInterval(() => body.push(Buffer.alloc(10_000)), 5);
  await expect(text(body, { ...PACE, longestMs: 300 })).rejects.toMatchObject({ code: 'request_timeout' });
  clearInterval(steady);
});

test('does not count the time that the consumer takes', async () => {
  const body = new PassThrough();
  body.write('one');
  const seen: string[] = [];
  for await (const chunk of paced(body, PACE)) {
    seen.push(String(chunk));
    if (seen.length === 2) continue;
    await new Promise((resolve) => setTimeout(resolve, PACE.graceMs + PACE.windowMs));
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

async function text(body: Readable, pace = PACE): Promise<string> {
  let all = '';
  for await (const chunk of paced(body, pace)) all += String(chunk);
  return all;
}
