import type { Image } from '@pixdock/contract/image';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask, until, upload } from '../harness/client.js';
import { filePart, form, formRequest, openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike, untilArriving } from './support.js';

let stack: Stack;
beforeEach(async () => {
  stack = await startApiOnly();
});
afterEach(() => stack.stop());

const BYTES = jpegLike(200_000);

test('finishes requests in progress on SIGTERM, ends waits and idle connections, and accepts no others', async () => {
  const { id } = (await upload(stack, jpegLike(100))).body;
  const [uploading, idle, busy, waiting] = await Promise.all(
    Array.from({ length: 4 }, () => openRaw(stack.api.url)),
  );
  if (uploading === undefined || idle === undefined || busy === undefined || waiting === undefined)
    throw new Error();
  const request = formRequest(form(filePart(BYTES)));
  await uploading.send(request.subarray(0, 100_000));
  await untilArriving(stack, 1);
  await idle.send(requestHead('GET', '/livez'));
  expect((await idle.response())?.status).toBe(200);
  await busy.send('GET /readyz HTTP/1.1\r\n');
  await waiting.send(requestHead('GET', `/v1/images/${id}`, { Prefer: 'wait=60' }));
  await until('all requests to be read', 20, async () =>
    (await ask(stack, '/livez')).status === 200 ? true : null,
  );

  stack.api.kill('SIGTERM');
  expect((await waiting.response({ seconds: 15 }))?.status).toBe(200);
  await idle.closed;
  // Node closes idle connections just before the listener.
  await until('new connections to be refused', 20, async () => {
    const opened = await openRaw(stack.api.url).catch((error: Error) => error);
    if (opened instanceof Error) return opened.message.includes('ECONNREFUSED') ? true : null;
    opened.socket.destroy();
    return null;
  });
  await busy.send('Host: x\r\n\r\n');
  const unready = await busy.response({ seconds: 15 });
  expect([unready?.status, unready?.headers.connection]).toEqual([503, 'close']);
  await uploading.send(request.subarray(100_000));
  const accepted = await uploading.response({ seconds: 15 });
  expect([accepted?.status, accepted?.headers.connection]).toEqual([202, 'close']);
  const respondedAt = performance.now();
  expect(await stack.api.exited).toBe(0);
  expect(performance.now() - respondedAt).toBeLessThan(15_000);

  await stack.restartApi();
  const made = await ask(stack, `${accepted?.headers.location}`);
  expect([made.status, made.body.status]).toEqual([200, 'queued']);
});

test('exits at once on a second signal', async () => {
  const connection = await openRaw(stack.api.url);
  await connection.send(formRequest(form(filePart(BYTES))).subarray(0, 100_000));
  await untilArriving(stack, 1);
  stack.api.kill('SIGTERM');
  await until('the stop to begin', 20, async () => (stack.api.output().includes('"stopping"') ? true : null));
  stack.api.kill('SIGTERM');
  expect(await stack.api.exited).toBe(1);
  connection.socket.destroy();
  // The worker's sweep removes the partial upload; it never becomes an image.
  await stack.restartApi();
  expect((await ask<{ items: Image[] }>(stack, '/v1/images')).body.items).toEqual([]);
});

test('keeps accepted images and no partial upload after a kill -9', async () => {
  const { id } = (await upload(stack, jpegLike(100))).body;
  const connections = await Promise.all(Array.from({ length: 5 }, () => openRaw(stack.api.url)));
  for (const { send } of connections) await send(formRequest(form(filePart(BYTES))).subarray(0, 100_000));
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  await stack.restartApi();
  for (const { socket } of connections) socket.destroy();
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images');
  expect(body.items.map((image) => image.id)).toEqual([id]);
  expect((await ask(stack, '/readyz')).status).toBe(200);
});
