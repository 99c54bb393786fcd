import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { bytesBelow } from '@pixdock/shared/state/folder-staging/staged-bytes';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, upload } from '../harness/client.js';
import { startService } from '../harness/processes.js';
import { openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike, untilArriving } from './support.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ STAGING_MAX_BYTES: '1MiB', MAX_UPLOAD_BYTES: '512KiB' });
});
afterAll(() => stack.stop());

test('returns 503 with Retry-After before a body is sent while staging is full', async () => {
  const bytes = jpegLike(300_000);
  const first = await upload(stack, bytes, { headers: { 'Idempotency-Key': 'first' } });
  const made = [first, await upload(stack, bytes), await upload(stack, bytes)];
  expect(made.map(({ status }) => status)).toEqual([202, 202, 202]);
  const refused = await upload(stack, bytes, { headers: { 'Idempotency-Key': 'k' } });
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    503,
    'staging_full',
    '30',
  ]);
  expect(refused.body.detail).toMatch(
    /^The request needs 304\.0 KiB of staging; 1\d\d\.\d KiB of 1 MiB are free\. Send it again after Retry-After/,
  );
  const connection = await openRaw(stack.api.url);
  await connection.send(
    requestHead('POST', '/v1/images', { 'Content-Length': '300000', Expect: '100-continue' }),
  );
  expect((await connection.response())?.status).toBe(503);
  connection.socket.destroy();
  // A repeat of an accepted request needs no space. Reads and smaller uploads still work.
  const repeated = await upload(stack, bytes, { headers: { 'Idempotency-Key': 'first' } });
  expect([repeated.status, repeated.body.id]).toEqual([202, made[0]?.body.id]);
  expect((await ask(stack, `/v1/images/${made[0]?.body.id}`)).status).toBe(200);
  expect((await upload(stack, jpegLike(1000))).status).toBe(202);

  // A worker does this once an image is published.
  for (const { body } of made) await rm(stagingLayout(stack.dataDir).image(body.id), { recursive: true });
  await until('room', 10, async () => {
    const { status } = await upload(stack, bytes, { headers: { 'Idempotency-Key': 'k' } });
    return status === 202 ? true : null;
  });
});

test('counts uploads in progress, and frees their space when the client disconnects', async () => {
  await until('room', 12, async () =>
    (await upload(stack, jpegLike(200_000))).status === 202 ? true : null,
  );
  const connection = await openRaw(stack.api.url);
  await connection.send(requestHead('POST', '/v1/images', { 'Content-Length': '500000' }), jpegLike(10_000));
  await untilArriving(stack, 1);
  expect((await upload(stack, jpegLike(400_000))).status).toBe(503);
  connection.socket.destroy();
  // Wait until the API has noticed.
  await until('it to count no more', 12, async () =>
    (await upload(stack, jpegLike(400_000))).status === 202 ? true : null,
  );
});

test('keeps many concurrent uploads to two APIs within the quota', async () => {
  await emptyLive();
  const other = await startService('api', { ...stack.env, PORT: String(await freePort()) });
  let most = 0;
  const bytes = jpegLike(100_000);
  const apis = [stack, { ...stack, api: other }];
  const sending = Promise.all(apis.flatMap((api) => Array.from({ length: 20 }, () => upload(api, bytes))));
  const watching = setInterval(() => {
    void usedBytes().then((sum) => {
      most = Math.max(most, sum);
    });
  }, 5);
  const responses = await sending;
  clearInterval(watching);
  const accepted = responses.filter(({ status }) => status === 202).length;
  expect(responses.filter(({ status, body }) => status === 503 && body.code === 'staging_full')).toHaveLength(
    40 - accepted,
  );
  // Each of them has a folder and a submission beside its source.
  expect(accepted).toBe(9);
  most = Math.max(most, await usedBytes());
  expect(most).toBeGreaterThan(900_000);
  expect(most).toBeLessThan(1024 ** 2);
  await other.stop();
});

test('leaves space for uploads beside batches that declare a size and send nothing', async () => {
  await emptyLive();
  const heads = [{ 'Content-Length': '700000' }, { 'Transfer-Encoding': 'chunked' }].flatMap((length) =>
    Array.from({ length: 5 }, () => batchHead(length)),
  );
  const idle = await Promise.all(heads.map(() => openRaw(stack.api.url)));
  await Promise.all(idle.map((connection, i) => connection.send(heads[i] ?? '')));
  await untilArriving(stack, idle.length);
  expect((await upload(stack, jpegLike(500_000))).status).toBe(202);
  for (const { socket } of idle) socket.destroy();
  await untilArriving(stack, 0);
});

test('returns 503 for a batch that exceeds the space, at once if Content-Length says so, and keeps nothing', async () => {
  await emptyLive();
  expect((await upload(stack, jpegLike(500_000))).status).toBe(202);
  const declared = await openRaw(stack.api.url);
  await declared.send(batchHead({ 'Content-Length': '600000' }));
  expect((await declared.response())?.status).toBe(503);
  const grown = await openRaw(stack.api.url);
  await grown.send(batchHead({ 'Transfer-Encoding': 'chunked' }));
  const sending = (async () => {
    const piece = Buffer.alloc(50_000);
    for (let sent = 0; sent < 1_000_000; sent += piece.length)
      await grown.send(`${piece.length.toString(16)}\r\n`, piece, '\r\n');
  })();
  const response = await grown.response();
  expect([response?.status, JSON.parse(response?.body ?? '').code]).toEqual([503, 'staging_full']);
  for (const { socket } of [declared, grown]) socket.destroy();
  await sending;
  await untilArriving(stack, 0);
});

test('refuses a URL, too, and is not ready while staging is full', async () => {
  const { live } = stagingLayout(stack.dataDir);
  await writeFile(join(live, 'all'), Buffer.alloc(1024 ** 2));
  const submit = () =>
    ask(stack, '/v1/images', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url: 'http://a.example/1.jpg' }),
    });
  const refused = await until('it to be refused', 12, async () => {
    const response = await submit();
    return response.status === 202 ? null : response;
  });
  expect([refused.status, refused.body.code]).toEqual([503, 'staging_full']);
  expect(await readiness()).toEqual([503, 'staging_full']);
  await emptyLive();
  expect(await readiness()).toEqual([200, undefined]);
  expect((await submit()).status).toBe(202);
});

async function readiness() {
  const { status, body } = await ask(stack, '/readyz');
  return [status, body.code];
}

const batchHead = (headers: Record<string, string>) =>
  requestHead('POST', '/v1/batches', { 'Content-Type': 'application/zip', ...headers });

/** Waits until all of staging is free and the API knows it. */
async function emptyLive(): Promise<void> {
  const { live } = stagingLayout(stack.dataDir);
  await stack.api.stop();
  await rm(live, { recursive: true });
  await mkdir(live);
  await stack.restartApi();
}

/** In this order, no file is counted twice while it moves. */
async function usedBytes(): Promise<number> {
  const { live, incoming } = stagingLayout(stack.dataDir);
  return (await bytesBelow(live)) + (await bytesBelow(incoming));
}
