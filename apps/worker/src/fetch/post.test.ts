import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sayDetail } from '@pixdock/contract/messages/detail';
import { expect, it, onTestFinished } from 'vitest';
import { openWebhookSender, type PostOutcome, type SenderOptions } from './post.js';

const NEVER = new AbortController().signal;

async function receiver(respond: RequestListener, options: SenderOptions = {}) {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = openWebhookSender({ ports: new Set([80, 443]), allow: new Set([host]) }, options);
  const send = (path: string, signal = NEVER) =>
    sender.post(`http://${host}${path}`, Buffer.from('{}'), { 'webhook-id': 'msg_1' }, signal);
  return { host, send };
}

const RESPONSE = { error: null, retryAfterMs: null, again: true, body: Buffer.alloc(0) };

it('posts JSON with the headers, and returns the status', async () => {
  const { send } = await receiver((request, response) => {
    const { method, headers } = request;
    const isRight =
      method === 'POST' &&
      headers['content-type'] === 'application/json' &&
      headers['webhook-id'] === 'msg_1';
    request.resume().on('end', () => response.writeHead(isRight ? 204 : 400).end());
  });
  expect(await send('/')).toEqual({ ...RESPONSE, status: 204 });
});

it('follows no redirect', async () => {
  const paths: string[] = [];
  const { send } = await receiver((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(307, { Location: '/other' }).end();
  });
  expect(await send('/')).toMatchObject({ status: 307 });
  expect(paths).toEqual(['/']);
});

it('reports Retry-After up to a day', async () => {
  const { send } = await receiver((request, response) => {
    response.writeHead(503, { 'Retry-After': request.url === '/long' ? '1000000' : '1800' }).end();
  });
  expect(await send('/')).toEqual({ ...RESPONSE, status: 503, retryAfterMs: 1_800_000 });
  expect(await send('/long')).toEqual({ ...RESPONSE, status: 503, retryAfterMs: 86_400_000 });
});

it('reads a few KiB of an endless response', async () => {
  const { send } = await receiver((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(Buffer.alloc(1024)), 1);
    response.on('close', () => clearInterval(timer));
  });
  expect(await send('/')).toMatchObject({ status: 200, body: null });
});

it('returns the body of a response that is short enough', async () => {
  const { send } = await receiver((_request, response) => void response.writeHead(200).end('{}'), {
    bodyBytes: 2,
  });
  expect(await send('/')).toEqual({ ...RESPONSE, status: 200, body: Buffer.from('{}') });
});

it('returns the status of a receiver that changes the protocol', async () => {
  const { send } = await receiver(({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  });
  expect(await send('/')).toEqual({ ...RESPONSE, status: 101 });
});

it('ends a request to a silent receiver', async () => {
  const { send } = await receiver(() => {}, { timeoutMs: 50 });
  const outcome = await send('/');
  expect(sentence(outcome)).toContain('0.05 seconds');
  expect(outcome).toMatchObject({ again: true });
});

it('rejects when the worker stops', async () => {
  const stopping = new AbortController();
  const { send } = await receiver(() => stopping.abort(new Error('stopping')));
  await expect(send('/', stopping.signal)).rejects.toThrow('stopping');
});

it.each(['http://127.0.0.1:80/', 'http://[::1]/', 'http://169.254.169.254/', 'http://localhost/'])(
  'connects to no private target such as %s',
  async (url) => {
    const connect = () => Promise.reject(new Error('connected'));
    const sender = openWebhookSender({ ports: new Set([80, 443]), allow: new Set() }, { connect });
    const outcome = await sender.post(url, Buffer.from('{}'), {}, NEVER);
    expect(sentence(outcome)).toContain('The webhook URL');
    expect(outcome).toMatchObject({ again: false });
  },
);

it.each([
  'http://127.0.0.1/',
  'http://hooks.intranet/',
  'http://93.184.216.34:8080/',
  'http://hooks.example.com/',
])('names WEBHOOK_ALLOW where it would permit %s', async (url) => {
  const resolve = () => Promise.resolve(['10.0.0.7']);
  const sender = openWebhookSender({ ports: new Set([80, 443]), allow: new Set() }, { resolve });
  const outcome = await sender.post(url, Buffer.from('{}'), {}, NEVER);
  expect(sentence(outcome)).toMatch(/^The webhook URL .* by adding \S+ to WEBHOOK_ALLOW\.$/);
  expect(outcome).toMatchObject({ again: false });
});

const sentence = (outcome: PostOutcome) =>
  outcome.error === null ? outcome.status : sayDetail('en', outcome.error);
