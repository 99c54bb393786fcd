import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type Pace, paced } from './paced.js';

const PACE: Pace = { idleMs: 60, minBytesPerSecond: 1000, graceMs: 150, checkMs: 5 };

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

test('does not count the time that the consumer takes', async () => {
  const body = new PassThrough();
  body.write('one');
  const seen: string[] = [];
  for await (const chunk of paced(body, PACE)) {
    seen.push(String(chunk));
    if (seen.length === 2) continue;
    await new Promise((resolve) => setTimeout(resolve, PACE.graceMs + PACE.idleMs));
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

async function text(body: PassThrough): Promise<string> {
  let all = '';
  for await (const chunk of paced(body, PACE)) all += String(chunk);
  return all;
}
