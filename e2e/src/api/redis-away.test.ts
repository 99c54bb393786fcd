import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiResponse, ask, until, upload } from '../harness/client.js';
import { liveIds } from '../harness/leftovers.js';
import { startService } from '../harness/processes.js';
import { chunked, openRaw, rawRequest, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike, untilArriving } from './support.js';

let stack: Stack;
let image: Image;
beforeAll(async () => {
  stack = await startApiOnly();
  image = (await upload(stack, BYTES)).body;
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
/** The promise is two seconds; the rest is for a busy machine. */
const PROMPT_MS = 1900;

const outages: [string, { begin: () => Promise<void>; end: () => Promise<void> }][] = [
  ['killed', { begin: () => stack.redis.crash(), end: () => stack.redis.restart() }],
  [
    'stopped',
    {
      begin: async () => void process.kill(stack.redis.pid(), 'SIGSTOP'),
      end: async () => void process.kill(stack.redis.pid(), 'SIGCONT'),
    },
  ],
];

describe.each(outages)('while Redis is %s', (kind, { begin, end }) => {
  test('returns 503 promptly on every route that needs it, keeps nothing, and recovers', async () => {
    const before = await liveIds(stack);
    const externalId = `during-${kind}`;
    await begin();
    try {
      const form = (headers = {}) => upload(stack, BYTES, { fields: { externalId }, headers });
      const calls: (() => Promise<ApiResponse>)[] = [
        () => form(),
        () => form({ 'Idempotency-Key': externalId }),
        () => form({ Prefer: 'wait=30' }),
        () => ask(stack, `/v1/images?externalId=${externalId}`, { method: 'POST', body: BYTES }),
        () => ask(stack, `/v1/images/${image.id}`),
        () => ask(stack, `/v1/images/${image.id}`, { headers: { Prefer: 'wait=30' } }),
        () => ask(stack, '/v1/images'),
        () => ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' }),
        () => ask(stack, `/v1/images/${image.id}/retry`, { method: 'POST' }),
        () => ask(stack, '/readyz'),
      ];
      await Promise.all([...calls, ...calls].map((call) => promptly(call)));
      for (const call of calls.slice(0, 3)) await promptly(call);
      expect((await ask(stack, '/livez')).status).toBe(200);
      // Requests that need no Redis are still refused for their own reason.
      expect((await upload(stack, BYTES, { headers: { Authorization: 'Bearer x' } })).status).toBe(401);
      // The refusal precedes the body once the last count in Redis is old.
      const head = requestHead('POST', '/v1/images', { 'Content-Length': '5000', Expect: '100-continue' });
      await until('no body to be asked for', 20, async () =>
        (await rawRequest(stack.api.url, head))?.status === 503 ? true : null,
      );
      await untilArriving(stack, 0);
      expect(await liveIds(stack)).toEqual(before);
    } finally {
      await end();
    }
    await until('the API to be ready', 10, async () =>
      (await ask(stack, '/readyz')).status === 200 ? true : null,
    );
    expect((await ask(stack, `/v1/images/${image.id}`)).body.status).toBe('queued');
    const made = await until('an upload', 25, async () => {
      const response = await upload(stack, BYTES, {
        fields: { externalId },
        headers: { 'Idempotency-Key': externalId },
      });
      return response.status === 202 ? response.body : null;
    });
    const { body } = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=${externalId}`);
    expect(body.items.map(({ id }) => id)).toEqual([made.id]);
  });

  test('refuses an upload in progress at its end and keeps nothing', async () => {
    const before = await liveIds(stack);
    const externalId = `under-way-${kind}`;
    const connections = await Promise.all([openRaw(stack.api.url), openRaw(stack.api.url)]);
    for (const [i, { send }] of connections.entries()) {
      const key: Record<string, string> = i === 0 ? {} : { 'Idempotency-Key': externalId };
      const headers = { 'Transfer-Encoding': 'chunked', ...key };
      await send(requestHead('POST', `/v1/images?externalId=${externalId}`, headers), chunked(BYTES));
    }
    await untilArriving(stack, 2);
    await begin();
    try {
      for (const { send, response, socket } of connections) {
        const began = performance.now();
        await send('0\r\n\r\n');
        const refused = await response();
        expect([refused?.status, JSON.parse(refused?.body ?? '{}').code]).toEqual([503, 'queue_unavailable']);
        expect(performance.now() - began).toBeLessThan(PROMPT_MS);
        socket.destroy();
      }
      await untilArriving(stack, 0);
      expect(await liveIds(stack)).toEqual(before);
    } finally {
      await end();
    }
    // Redis may have applied a command without responding; the API undoes it.
    await until('nothing to be listed', 10, async () => {
      const { status, body } = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=${externalId}`);
      return status === 200 && body.items.length === 0 ? true : null;
    });
  });

  test('ends a wait in progress with a response', async () => {
    const reading = ask(stack, `/v1/images/${image.id}`, { headers: { Prefer: 'wait=30' } });
    const externalId = `wait-${kind}`;
    const headers = { Prefer: 'wait=30', 'Idempotency-Key': externalId };
    const writing = upload(stack, BYTES, { fields: { externalId }, headers });
    await until('it to be accepted', 20, async () => {
      const { body } = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=${externalId}`);
      const job = `{pixdock}:queue:images:${body.items[0]?.id}-1`;
      return stack.redis.cli('EXISTS', job) === '1' ? true : null;
    });
    // The API learns a little later that the job exists, without an observable moment.
    await sleep(200);
    await begin();
    try {
      expect((await reading).status).toBe(503);
      // The upload was accepted, so the response is not a refusal.
      expect((await writing).status).toBe(202);
    } finally {
      await end();
    }
    await until('the API to be ready', 10, async () =>
      (await ask(stack, '/readyz')).status === 200 ? true : null,
    );
  });
});

test('returns 503 and keeps nothing while Redis is out of memory', async () => {
  const before = await liveIds(stack);
  stack.redis.cli('CONFIG', 'SET', 'maxmemory', '1');
  try {
    await promptly(() => upload(stack, BYTES, { fields: { externalId: 'oom' } }));
    expect((await ask(stack, `/v1/images/${image.id}`)).status).toBe(200);
    await untilArriving(stack, 0);
    expect(await liveIds(stack)).toEqual(before);
  } finally {
    stack.redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  }
  expect((await upload(stack, BYTES)).status).toBe(202);
});

test('is ready soon after Redis has loaded its data, whatever Redis estimated', async () => {
  // Many small values that load slowly come before a large one: Redis estimates that it needs minutes for that one.
  stack.redis.cli('CONFIG', 'SET', 'rdbcompression', 'no');
  stack.redis.cli('EVAL', "for i = 1, 250 do redis.call('SET', 'k' .. i, ('x'):rep(1000)) end", '0');
  stack.redis.cli('-n', '1', 'EVAL', "redis.call('SET', 'large', ('x'):rep(8000000))", '0');
  stack.redis.cli('BGREWRITEAOF');
  await until('Redis to have written its data', 10, async () =>
    stack.redis.cli('INFO', 'persistence').includes('aof_rewrite_in_progress:0') ? true : null,
  );
  await stack.redis.crash();
  await stack.redis.restart('--key-load-delay', '10000', '--loading-process-events-interval-bytes', '1024');
  await until('the API to be ready', 2, async () =>
    (await ask(stack, '/readyz')).status === 200 ? true : null,
  );
  stack.redis.cli('FLUSHALL');
  await until('an upload', 10, async () => ((await upload(stack, BYTES)).status === 202 ? true : null));
});

test('waits for a Redis that is unavailable at start', async () => {
  await stack.api.stop();
  await stack.redis.crash();
  await stack.restartApi();
  await promptly(() => upload(stack, BYTES));
  await promptly(() => ask(stack, '/readyz'));
  expect((await ask(stack, '/livez')).status).toBe(200);
  await stack.redis.restart();
  await until('an upload', 10, async () => ((await upload(stack, BYTES)).status === 202 ? true : null));
  expect((await ask(stack, '/readyz')).status).toBe(200);
});

test('stops in order while Redis is unavailable, from the start or since', async () => {
  const never = await startService('api', { ...stack.env, PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' });
  expect((await fetch(`${never.url}/readyz`)).status).toBe(503);
  const began = performance.now();
  await never.stop();
  expect(await never.exited).toBe(0);
  await stack.redis.crash();
  await stack.api.stop();
  expect(await stack.api.exited).toBe(0);
  // ioredis keeps a timer of two seconds for each connection.
  expect(performance.now() - began).toBeLessThan(8000);
  expect(stack.api.output()).not.toMatch(/Unhandled|"level":60/);
});

async function promptly(call: () => Promise<ApiResponse>): Promise<void> {
  const began = performance.now();
  const { status, headers, body } = await call();
  expect([status, body.code]).toEqual([503, 'queue_unavailable']);
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
  expect(performance.now() - began).toBeLessThan(PROMPT_MS);
}
