import type { AddressInfo } from 'node:net';
import { stub } from '@pixdock/shared/testing/stub';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import type { ApiDeps } from '../deps.js';
import type { Found } from '../keys/keyring.js';
import { noShares } from '../limits/shares.js';
import { openEventStreams } from '../streams/event-stream.js';
import type { ApiEnv } from './env.js';
import { respondWithEvents } from './event-stream.js';
import { createHttpServer } from './server.js';

const READER = {
  caller: { owner: 'acme', keyId: 'key_1', scopes: new Set(['read'] as const), token: null },
};
const REVOKED: Found = { caller: null, refusal: null };

/** Serves a stream to a caller that `find` looks up again before each comment. */
async function serve(find: () => Found): Promise<string> {
  const parts = stub<ApiDeps>({
    shares: noShares(),
    keyring: { find },
    streams: { events: openEventStreams(new AbortController().signal, { commentMs: 5 }) },
  });
  const app = new Hono<ApiEnv>();
  app.get('/', (c) => {
    c.header('X-Before', 'a');
    return respondWithEvents(c, parts, (stream) => {
      stream.send({ id: '1', type: 'image', data: '{}' });
      return { onReady() {}, onClose() {} };
    });
  });
  const server = createHttpServer(app.fetch);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each<[string, Found]>([
  ['is revoked', REVOKED],
  ['loses its scope', { caller: { ...READER.caller, scopes: new Set() } }],
])('ends a stream when its key %s', async (_name, later) => {
  let found: Found = READER;
  const response = await fetch(await serve(() => found));
  found = later;
  expect(await response.text()).toContain('id: 1\nevent: image\ndata: {}\n\n');
});

it('responds with the headers for streams and those set before', async () => {
  const { headers } = await fetch(await serve(() => READER), { method: 'HEAD' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-before': 'a',
  });
});
