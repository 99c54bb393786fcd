import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer } from './server.js';

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

test('a client that never reads its answers is let go', async () => {
  await open(() => new Response(Buffer.alloc(MIB)));
  const [accepted] = (await once(server, 'connection')) as [Socket];
  socket.pause();
  socket.on('error', () => {});
  socket.write(REQUEST.repeat(200));
  const outcome = once(accepted, 'close').then(() => 'let go');
  expect(await Promise.race([outcome, wait(10 * IDLE_MS, 'held')])).toBe('let go');
});

test('a client that reads slowly gets everything', async () => {
  await open(() => new Response(Buffer.alloc(32 * MIB)));
  socket.write(REQUEST);
  let came = 0;
  for await (const chunk of socket) {
    came += (chunk as Buffer).length;
    if (came >= 32 * MIB) break;
    await wait(2);
  }
  expect(came).toBeGreaterThanOrEqual(32 * MIB);
});

test('an answer that is held for less than that arrives', async () => {
  await open(() => wait(0.6 * IDLE_MS, new Response('here')));
  socket.write(REQUEST);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 200/);
});

async function open(answer: () => Response | Promise<Response>): Promise<void> {
  server = createHttpServer(answer, IDLE_MS).listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
}
