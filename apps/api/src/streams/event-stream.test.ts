import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type EventStream, openEventStreams } from './event-stream.js';

const LONG_MS = 60_000;

let stopping: AbortController;
let server: Server;
let stream: EventStream;
let isAllowed: boolean;
let calls: string[];
let clocks: { commentMs?: number; lifeMs?: number };
beforeEach(async () => {
  stopping = new AbortController();
  isAllowed = true;
  const made: string[] = [];
  calls = made;
  clocks = { commentMs: LONG_MS, lifeMs: LONG_MS };
  server = createServer((_request, response) => {
    const right = { isAllowed: () => isAllowed, release: () => void made.push('release') };
    openEventStreams(stopping.signal, clocks).open(
      response,
      { 'X-Own': 'a', Connection: 'close' },
      right,
      (opened) => {
        stream = opened;
        return { onReady: () => void made.push('ready'), onClose: () => void made.push('close') };
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

it('sends its headers at once, then events, and its end', async () => {
  const response = await begin();
  expect(response.headers['x-own']).toBe('a');
  stream.send({ id: '6', type: 'image', data: '{"a":0}' });
  stream.send({ id: '7', type: 'image', data: '{"a":1}' });
  stream.end();
  stream.send({ id: '8', type: 'image', data: '{}' });
  expect(await textOf(response)).toBe(
    'retry: 1000\nid: 6\nevent: image\ndata: {"a":0}\n\nid: 7\nevent: image\ndata: {"a":1}\n\n',
  );
  expect(calls).toEqual(['close', 'release']);
});

it('sends comments while it is idle', async () => {
  clocks.commentMs = 5;
  const response = await begin();
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await expect.poll(() => text).toMatch(/^(?::\n){3}/);
});

it('sends a comment every 15 seconds, and ends after ten minutes', async () => {
  clocks = {};
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const response = await begin();
  const text = textOf(response);
  vi.advanceTimersByTime(599_999);
  stream.send({ id: '7', type: 'image', data: '{}' });
  vi.advanceTimersByTime(1);
  // At ten minutes, either timer may be the first.
  expect(await text).toMatch(/^(:\n){39}retry: 1000\nid: 7\nevent: image\ndata: \{\}\n\n(:\n)?$/);
  await expect.poll(() => calls).toEqual(['close', 'release']);
});

it.each<[string, () => void]>([
  ['the server stops', () => stopping.abort()],
  ['its key is revoked', () => (isAllowed = false)],
])('ends when %s', async (reason, act) => {
  if (reason.includes('key')) clocks.commentMs = 5;
  const response = await begin();
  act();
  await textOf(response);
  await expect.poll(() => calls).toEqual(['close', 'release']);
});

it('is released when its client disconnects', async () => {
  const response = await begin();
  response.destroy();
  await expect.poll(() => calls).toEqual(['close', 'release']);
});

it('reports a client that does not read as blocked, and as ready when it reads again', async () => {
  const response = await begin();
  fill(1);
  expect(calls).toEqual([]);
  response.resume();
  await expect.poll(() => calls).toEqual(['ready']);
});

it('drops a client that does not read when its life is over', async () => {
  clocks.lifeMs = 100;
  const response = await begin();
  response.on('error', () => {});
  fill(20);
  await expect.poll(() => calls).toEqual(['close', 'release']);
});

/** Sends at least so many MiB, until the client's buffers are full. */
function fill(mebibytes: number): void {
  const data = 'x'.repeat(1024 * 1024);
  for (let id = 1; !stream.isBlocked() || id <= mebibytes; id++)
    stream.send({ id: String(id), type: 'image', data });
}

async function begin(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}
