import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { nextSlice } from '@pixdock/shared/runtime/slices';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type ServerOptions } from './server.js';

const IDLE_MS = 500;
const MIB = 1024 * 1024;
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

let server: Server;
let socket: Socket;
afterEach(() => {
  socket.destroy();
  server.closeAllConnections();
  server.close();
});

test('disconnects a client that never reads its responses', async () => {
  await open(() => new Response(Buffer.alloc(MIB)));
  const [accepted] = (await once(server, 'connection')) as [Socket];
  socket.pause();
  socket.on('error', () => {});
  socket.write(REQUEST.repeat(200));
  const outcome = once(accepted, 'close').then(() => 'disconnected');
  expect(await Promise.race([outcome, wait(100 * IDLE_MS, 'connected')])).toBe('disconnected');
});

test('sends everything to a slow client', async () => {
  let received = 0;
  // A busy machine may pause for longer than the idle time, which is therefore longer in each attempt.
  for (let idleMs = IDLE_MS; received < 32 * MIB && idleMs <= 32 * IDLE_MS; idleMs *= 2) {
    await open(() => new Response(Buffer.alloc(32 * MIB)), { idleMs });
    const began = performance.now();
    received = await readSlowly(idleMs / 4);
    expect(performance.now() - began).toBeGreaterThan(idleMs);
    server.closeAllConnections();
    server.close();
  }
  expect(received).toBeGreaterThanOrEqual(32 * MIB);
});

/** Requests the response and reads it with a pause before each eighth of it. Returns how many bytes came. */
async function readSlowly(pauseMs: number): Promise<number> {
  socket.write(REQUEST);
  let received = 0;
  try {
    for await (const chunk of socket) {
      const pauses = Math.floor(received / (4 * MIB));
      received += (chunk as Buffer).length;
      if (received >= 32 * MIB) break;
      if (Math.floor(received / (4 * MIB)) > pauses) await wait(pauseMs);
    }
  } catch {
    // The server has reset the connection.
  }
  return received;
}

test('sends a response that takes less than the idle time', async () => {
  await open(() => wait(0.6 * IDLE_MS, new Response('here')));
  socket.write(REQUEST);
  const [response] = await once(socket, 'data');
  expect(String(response)).toMatch(/^HTTP\/1.1 200/);
});

test('does not respond again when the rest of a body is malformed', async () => {
  await open(() => new Response('refused', { status: 413 }));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
  let received = '';
  socket.on('data', (data) => {
    if (received === '') socket.write('not a chunk\r\n');
    received += data;
  });
  await once(socket, 'close');
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413']);
});

async function open(
  respond: (request: Request) => Response | Promise<Response>,
  options: ServerOptions = {},
): Promise<void> {
  server = createHttpServer(respond, { idleMs: IDLE_MS, ...options }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
}

test('begins a request when it is admitted, and leaves at its end', async () => {
  const turns: ((leave: () => void) => void)[] = [];
  let served = 0;
  let over = 0;
  const enter = () => new Promise<() => void>((resolve) => turns.push(resolve));
  await open(() => new Response(`served ${++served}`), { enter });
  socket.write(REQUEST);
  await expect.poll(() => turns.length).toBe(1);
  expect(served).toBe(0);
  turns[0]?.(() => over++);
  const [response] = await once(socket, 'data');
  expect(String(response)).toContain('served 1');
  await expect.poll(() => over).toBe(1);
});

test('does the work on streamed responses in slices that owners take in turns', async () => {
  const order: string[] = [];
  const all = Promise.withResolvers<void>();
  let begun = 0;
  async function* pieces(name: string) {
    if (++begun === 3) all.resolve();
    await all.promise;
    for (let slice = 0; slice < 2; slice++) {
      await nextSlice();
      order.push(name);
      yield Buffer.from('.');
    }
  }
  await open((request) => new Response(ReadableStream.from(pieces(new URL(request.url).pathname))), {
    ownerOf: (authorization) => authorization,
  });
  const { port } = server.address() as AddressInfo;
  const read = async (path: string, owner: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: owner } });
    return response.text();
  };
  await Promise.all([read('/1', 'alice'), read('/2', 'alice'), read('/3', 'bob')]);
  expect(order.indexOf('/3')).toBeLessThan(2);
  expect(order.lastIndexOf('/3')).toBeLessThan(4);
});

test('reports each connection before its first request', async () => {
  const events: string[] = [];
  const enter = async () => {
    events.push('request');
    return () => {};
  };
  await open(() => new Response('here'), { enter, onConnection: () => events.push('connection') });
  socket.write(REQUEST);
  await once(socket, 'data');
  socket.write(REQUEST);
  await once(socket, 'data');
  expect(events).toEqual(['connection', 'request', 'request']);
});

test.each([
  ['Host', ['Host: a', 'Host: b']],
  ['Host, the same', ['Host: a', 'host: a']],
  ['Authorization', ['Host: a', 'Authorization: Bearer a', 'Authorization: Bearer b']],
  ['Content-Type', ['Host: a', 'Content-Type: image/png', 'Content-Type: image/jpeg', 'Content-Length: 0']],
  ['Idempotency-Key', ['Host: a', 'Idempotency-Key: a', 'Idempotency-Key: b', 'Content-Length: 0']],
  ['Content-Length', ['Host: a', 'Content-Length: 1', 'Content-Length: 1']],
  ['Content-Length as a list', ['Host: a', 'Content-Length: 1, 1']],
  ['Transfer-Encoding', ['Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
  [
    'Transfer-Encoding, the last not chunked',
    ['Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'],
  ],
  ['Transfer-Encoding beside a length', ['Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 1']],
])('refuses a request with a second %s before the app receives it', async (_, lines) => {
  let served = 0;
  await open(() => new Response(`served ${served++}`));
  socket.write(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [response] = await once(socket, 'data');
  expect(String(response)).toMatch(/^HTTP\/1.1 400 .*"code":"invalid_request"/s);
  expect(served).toBe(0);
});

test('accepts repeated headers that may be repeated', async () => {
  await open(() => new Response('here'));
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\nAccept: c/d\r\nPrefer: wait=1\r\nPrefer: x\r\n\r\n',
  );
  const [response] = await once(socket, 'data');
  expect(String(response)).toMatch(/^HTTP\/1.1 200/);
});
