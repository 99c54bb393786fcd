import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@pixdock/shared/runtime/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OTHER, until } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { runPixdock } from '../harness/pixdock.js';
import { openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startStack } from '../harness/stack.js';
import { runOps } from '../ops/support.js';

const PHOTOS = 30;
const POLL_EVERY_MS = 20;

let stack: Stack;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pixdock-limits-'));
  const file = join(home, 'limits.yaml');
  await writeFile(
    file,
    'owners:\n  acme: { uploads: 1, waits: 2 }\n  other: { waitingImages: 3, itemsPerHour: 6 }\n',
  );
  stack = await startStack({ LIMITS_FILE: file });
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await stack.stop();
});

test('lets our client import a folder within its limits, beside another busy owner', async () => {
  const photos = join(home, 'photos');
  await mkdir(photos);
  for (let n = 0; n < PHOTOS; n++) await writeFile(join(photos, `${n}.jpg`), await photo(64 + n, 48));
  const over = new AbortController();
  let polls = 0;
  const other = (async () => {
    for (; !over.signal.aborted; polls++) {
      expect((await ask(stack, '/v1/images', { headers: OTHER })).status).toBe(200);
      await sleep(POLL_EVERY_MS);
    }
  })();
  const { exit, err } = await runPixdock(stack, home, ['import', photos]);
  over.abort();
  await other;
  expect(err).toContain(`${PHOTOS} published`);
  expect(exit).toBe(0);
  expect(polls).toBeGreaterThan(10);
  expect(stack.api.output()).toContain('"status":429');
});

test('counts retries like new images and items', async () => {
  const send = (path: string, type: string, body: string | Buffer<ArrayBuffer>, waitSeconds = 20) =>
    ask(stack, path, {
      method: 'POST',
      headers: { ...OTHER, 'Content-Type': type, Prefer: `wait=${waitSeconds}` },
      body,
    });
  const failedIds: string[] = [];
  for (let n = 0; n < 4; n++) {
    const { body } = await send('/v1/images', 'image/jpeg', Buffer.from('ffd8ffe0', 'hex'));
    failedIds.push(body.image?.id ?? '');
  }
  const rows = '{"url":"http://127.1/"}\n'.repeat(2);
  const batch = await send('/v1/batches', 'application/x-ndjson', rows);
  expect(batch.body.status).toBe('finished');
  await runOps(stack, ['pause']);
  const retry = async (path: string) => {
    const { status, headers } = await send(`${path}/retry`, 'application/json', '{}', 0);
    return status === 429 ? headers.get('ratelimit-policy') : status;
  };
  const waiting = expect.stringContaining('"waiting-images";q=3');
  expect(await send('/v1/failures/retry', 'application/json', '{}')).toMatchObject({ status: 429 });
  for (const id of failedIds.slice(0, 3)) expect(await retry(`/v1/images/${id}`)).toBe(202);
  expect(await retry(`/v1/images/${failedIds[3]}`)).toEqual(waiting);
  expect(await retry(`/v1/batches/${batch.body.id}`)).toEqual(waiting);
  await runOps(stack, ['resume']);
  await until('no image to wait', 30, async () => {
    const { body } = await ask<{ items: unknown[] }>(stack, '/v1/images?status=queued', { headers: OTHER });
    return body.items.length === 0 ? true : null;
  });
  // Two items of the batch and three retries count.
  expect(await retry(`/v1/batches/${batch.body.id}`)).toEqual(expect.stringContaining('"items";q=6'));
});

test('frees the leases of a killed API after a minute', async () => {
  const key = '{pixdock}:held:uploads:acme';
  const { send } = await openRaw(stack.api.url);
  await send(requestHead('POST', '/v1/images', { 'Content-Length': '1000' }), 'x');
  await expect.poll(() => stack.redis.cli('zcard', key)).toBe('1');
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  const leftMs = Number(stack.redis.cli('pttl', key));
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(60_000);
  await stack.restartApi();
});
