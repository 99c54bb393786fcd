import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { send } from './reply.js';

test('closes the body of a response that the client has left', async () => {
  const body = Readable.from(['never read']);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  request.on('error', () => {});
  const [, response] = await once(server, 'request');
  const left = once(response, 'close');
  request.destroy();
  await left;
  await send({ status: 200, headers: {}, body }, response);
  expect(body.destroyed).toBe(true);
  server.close();
});
