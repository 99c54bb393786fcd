import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ApiEnv } from '../http/env.js';
import { checkBatchHeaders } from './batch-options.js';
import { LIMITS, receiveBody, refusalOf } from './testing/receive.js';

const MIB = 1024 * 1024;

test.each([
  ['application/json', '', '{"items":[{"url":"http://a.example/"}]}'],
  ['application/jsonl; charset=utf-8', '', '{"url":"http://a.example/"}'],
  ['application/x-jsonlines', '?dryRun=true', '{"url":"http://a.example/"}'],
  ['Text/CSV', '?dryRun=false&columns=a:url', 'a\nhttp://a.example/'],
])('accepts %s%s', async (type, query, body) => {
  expect(await receiveBody({ type, query, body })).toMatchObject({ total: 1, invalid: 0 });
});

test.each([
  ['', '', /^unsupported_media_type: Send application\/json/],
  ['text/plain', '', /^unsupported_media_type/],
  ['__proto__', '', /^unsupported_media_type/],
  [
    'application/json',
    '?profile=nope',
    /^unknown_profile: Query parameter `profile` names no profile of this server: "nope". Use one of default/,
  ],
  ['application/json', '?profile=avatar&profile=avatar', /`profile` is given twice/],
  ['application/json', '?webhookUrl=x', /`webhookUrl` is not an absolute URL/],
  ['application/json', '?reuse=name', /`reuse` is neither url, content nor url,content: "name"/],
  ['application/json', '?dryRun=yes', /`dryRun` is neither true nor false/],
  ['application/json', '?columns=a:url', /`columns` is only for CSV and workbooks/],
  ['application/zip', '?columns=a:url', /`columns` is only for CSV and workbooks/],
])('refuses %s%s', async (type, query, reason) => {
  expect(await refusalOf({ type, query, body: '{"items":[{}]}' })).toMatch(reason);
});

test.each(['application/x-ndjson', 'application/json', 'text/csv'])(
  'receives 24 MiB of %s in constant memory, without reading ahead of the arrival',
  async (type) => {
    const note = 'x'.repeat(3000);
    const item = (i: number) =>
      type === 'text/csv'
        ? `http://a.example/${i},${note}\n`
        : `${JSON.stringify({ url: `http://a.example/${i}`, metadata: { note } })}${type === 'application/json' ? ',' : '\n'}`;
    const opening = { 'text/csv': 'url,note\n', 'application/json': '{"items":[' }[type] ?? '';
    const closing = type === 'application/json' ? '{"url":"http://a.example/"}]}' : '';
    let sent = 0;
    let added = 0;
    let furthest = 0;
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from(opening);
      for (let i = 0; sent < 24 * MIB; i += 20) {
        const chunk = Buffer.from(Array.from({ length: 20 }, (_, k) => item(i + k)).join(''));
        sent += chunk.length;
        furthest = Math.max(furthest, sent - added * 3000);
        yield chunk;
      }
      yield Buffer.from(closing);
    }
    const used: number[] = [];
    const onItem = async () => {
      added++;
      if (added % 1500 === 0) used.push(liveBytes());
      if (added % 100 === 0) await new Promise(setImmediate);
    };
    const limits = { maxBatchItems: 100_000, maxBatchBytes: 100 * MIB };
    const received = await receiveBody({ type, body: body(), limits, onItem });
    expect(received).toMatchObject({ invalid: 0, total: added });
    expect(received.stagedBytes).toBeGreaterThan(24 * MIB);
    expect(used.length).toBeGreaterThan(3);
    const [first = 0] = used;
    for (const bytes of used) expect(bytes - first).toBeLessThan(8 * MIB);
    // The bytes of an item besides its note are less than a twentieth.
    expect(furthest).toBeLessThan(4 * MIB);
  },
);

test('does not keep an endless line in memory', async () => {
  const used: number[] = [];
  async function* endless(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 500; i++) {
      if (i % 100 === 10) used.push(liveBytes());
      yield Buffer.alloc(65_536, 'x');
    }
  }
  const limits = { maxBatchBytes: 100 * MIB };
  const received = await receiveBody({ type: 'application/x-ndjson', body: endless(), limits });
  expect(received).toMatchObject({ total: 1, invalid: 1 });
  const [first = 0] = used;
  for (const bytes of used) expect(bytes - first).toBeLessThan(8 * MIB);
});

test('refuses a too long body by its headers', async () => {
  const check = (length: number) =>
    new Hono<ApiEnv>()
      .post('/', (c) => {
        checkBatchHeaders(c, { ...LIMITS, maxBatchBytes: 100 });
        return c.body(null);
      })
      .onError((error, c) => c.text(String(error)))
      .request('/', {
        method: 'POST',
        headers: { 'Content-Type': 'text/csv', 'Content-Length': String(length) },
      });
  expect(await (await check(100)).text()).toBe('');
  expect(await (await check(101)).text()).toMatch(/payload_too_large: The batch is larger than 100 bytes/);
});

function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // Freed buffers may disappear only after the next collection.
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
