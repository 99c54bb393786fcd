import { createServer } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { PixdockApiError } from '../error.js';
import { Pixdock } from '../pixdock.js';
import { problem, serve } from '../testing/serve.js';

const image = { id: 'img_1', status: 'queued', version: 1, deleteRequestedAt: null };
const soon = { retryAfter: 0 };

it.each<[object, string]>([
  [{ baseURL: 'http://h', apiKey: 'k' }, 'options.baseURL: unknown; write: baseUrl'],
  [{ url: 'http://h', apiKey: 'k' }, 'options.url: unknown; write: baseUrl'],
  [{ baseUrl: 'http://h', key: 'k' }, 'options.key: unknown; write: apiKey'],
  [{ baseUrl: 'http://h', apiKey: 'k', timeout: 5 }, 'options.timeout: unknown; known: baseUrl, apiKey,'],
  [{ baseUrl: '127.0.0.1:3941', apiKey: 'k' }, 'baseUrl: "127.0.0.1:3941" is not an http(s) URL'],
  [{ baseUrl: 'localhost:3941', apiKey: 'k' }, 'baseUrl: "localhost:3941" is not an http(s) URL'],
  [{ apiKey: 'k' }, 'baseUrl is not set'],
  [{ baseUrl: 'http://h' }, 'apiKey is not set'],
])('explains a mistake in %j', (options, sentence) => {
  const create = () => new Pixdock(options as ConstructorParameters<typeof Pixdock>[0]);
  expect(create).toThrow(TypeError);
  expect(create).toThrow(sentence);
});

it.each(['/v1', '/v1/', '/'])('leaves %s out of the base URL', async (path) => {
  const { url, requests } = await serve(() => ({ body: image }));
  await new Pixdock({ baseUrl: url + path, apiKey: 'k' }).images.get('img_1');
  expect(requests[0]?.url.pathname).toBe('/v1/images/img_1');
});

it.each([
  ['429', problem(429, 'rate_limited', soon)],
  ['503', problem(503, 'queue_unavailable', soon)],
  [
    '502 of a proxy',
    { status: 502, headers: { 'content-type': 'text/html', 'retry-after': '0' }, body: '<html>' },
  ],
  ['a lost connection', 'reset' as const],
])('retries a read after %s', async (_name, first) => {
  const { client, requests } = await serve((_request, count) => (count === 1 ? first : { body: image }));
  expect(await client.images.get('img_1')).toEqual(image);
  expect(requests).toHaveLength(2);
});

it('retries a submission of bytes with the same key', async () => {
  const replies = [problem(503, 'staging_full', soon), problem(409, 'idempotency_in_progress', soon)];
  const { client, requests } = await serve(
    (_request, count) => replies[count - 1] ?? { status: 202, body: image },
  );
  await client.images.upload(new Uint8Array([1, 2, 3]));
  const keys = requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^"[0-9a-f]{32}"$/);
  expect(requests.every(({ body }) => body.equals(Buffer.from([1, 2, 3])))).toBe(true);
});

it('never retries a stream, even with a key', async () => {
  const { client, requests } = await serve(() => problem(503, 'overloaded', soon));
  const stream = new Blob(['bytes']).stream();
  await expect(client.images.upload(stream, { idempotencyKey: 'mine' })).rejects.toMatchObject({
    code: 'overloaded',
  });
  expect(requests).toHaveLength(1);
  expect(requests[0]?.body.toString()).toBe('bytes');
});

it.each(['document', 'importScripts'])('buffers a stream if fetch cannot send it: %s', async (global) => {
  vi.stubGlobal(global, {});
  onTestFinished(() => void vi.unstubAllGlobals());
  const { client, requests } = await serve((_request, count) =>
    count === 1 ? problem(503, 'overloaded', soon) : { body: image },
  );
  await client.batches.create([{ url: 'https://h/1' }, { url: 'https://h/2' }]);
  expect(requests.map(({ headers }) => headers['content-length'])).toEqual(['44', '44']);
  expect(requests.every(({ headers }) => headers['transfer-encoding'] === undefined)).toBe(true);
  expect(String(requests[1]?.body)).toBe('{"url":"https://h/1"}\n{"url":"https://h/2"}\n');
  await client.images.upload(new Blob(['bytes']).stream(), { filename: 'a.jpg' });
  expect(requests[2]?.headers['content-length']).toBe(String(requests[2]?.body.length));
  const stop = new AbortController();
  const endless = new ReadableStream<Uint8Array>({ pull: () => stop.abort('enough') });
  await expect(client.images.upload(endless, { signal: stop.signal })).rejects.toBe('enough');
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error('lost') });
  await expect(client.images.upload(broken)).rejects.toBe('lost');
  expect(requests).toHaveLength(3);
});

it('opens the source again for each try', async () => {
  const { client, requests } = await serve((_request, count) => (count === 1 ? 'reset' : { body: image }));
  let opened = 0;
  const open = () => {
    opened++;
    return new Blob(['bytes']).stream();
  };
  await client.images.upload({ open, size: 5 });
  expect(opened).toBe(2);
  expect(requests.map(({ headers, body }) => [headers['content-length'], String(body)])).toEqual([
    ['5', 'bytes'],
    ['5', 'bytes'],
  ]);
});

it.each([
  ['a POST that creates nothing', 503, 'queue_unavailable'],
  ['a conflict', 409, 'not_retryable'],
])('does not retry %s', async (_name, status, code) => {
  const { client, requests } = await serve(() => problem(status, code, soon));
  await expect(client.images.retry('img_1')).rejects.toMatchObject({ status, code });
  expect(requests).toHaveLength(1);
});

it('waits for a busy server as long and as often as it asks', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const replies = Array.from({ length: 10 }, (_, i) =>
    i % 2 === 0
      ? problem(429, 'rate_limited', { retryAfter: 60 })
      : problem(503, 'staging_full', { retryAfter: 30 }),
  );
  const { url, requests } = await serve((_request, count) => replies[count - 1] ?? { body: image });
  const client = new Pixdock({ baseUrl: url, apiKey: 'k', retries: 1 });
  let waitedMs = 0;
  const uploading = client.images.upload(new Uint8Array([1]));
  const ticking = setInterval(() => {
    waitedMs += 5000;
    vi.advanceTimersByTime(5000);
  }, 1);
  await uploading;
  clearInterval(ticking);
  expect(requests).toHaveLength(11);
  expect(waitedMs).toBeGreaterThan(450_000);
});

it('waits no longer than ten minutes for a busy server', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { url, requests } = await serve(() => problem(429, 'rate_limited', { retryAfter: 100 }));
  const client = new Pixdock({ baseUrl: url, apiKey: 'k', retries: 1 });
  const ticking = setInterval(() => vi.advanceTimersByTime(5000), 1);
  await expect(client.images.get('img_1')).rejects.toMatchObject({ code: 'rate_limited' });
  clearInterval(ticking);
  // Five pauses of 100 to 125 s fit into ten minutes; a try and its retry follow.
  expect(requests.length).toBeGreaterThanOrEqual(6);
  expect(requests.length).toBeLessThanOrEqual(8);
});

it('retries any request with its whole body after a 429', async () => {
  const { client, requests } = await serve((_request, count) =>
    count === 1 ? problem(429, 'rate_limited', soon) : { body: image },
  );
  await client.images.retry('img_1');
  expect(requests).toHaveLength(2);
});

it('gives up after its retries, and immediately before a long wait', async () => {
  const { url, requests } = await serve(({ url: { pathname } }) =>
    problem(503, 'overloaded', { retryAfter: pathname.endsWith('long') ? 3600 : 0 }),
  );
  const client = new Pixdock({ baseUrl: url, apiKey: 'k', retries: 2 });
  await expect(client.images.get('short')).rejects.toMatchObject({ retryAfterSeconds: 0 });
  expect(requests).toHaveLength(3);
  await expect(client.images.get('long')).rejects.toMatchObject({ retryAfterSeconds: 3600 });
  expect(requests).toHaveLength(4);
});

it('reads an error response with the failed image', async () => {
  const failed = { ...image, status: 'failed' };
  const { client } = await serve(() => problem(422, 'image_corrupt', { requestId: 'r1', image: failed }));
  const error = await client.images.upload(new Uint8Array([1])).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PixdockApiError);
  expect(error).toMatchObject({
    status: 422,
    code: 'image_corrupt',
    title: 'Title',
    detail: 'Detail.',
    requestId: 'r1',
    image: failed,
  });
});

it('reports a response from another server, and a missing response', async () => {
  const { client } = await serve(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }));
  await expect(client.images.get('x')).rejects.toMatchObject({ code: 'unexpected_answer', status: 200 });
  const closed = await closedPort();
  const unreachable = new Pixdock({ baseUrl: `http://127.0.0.1:${closed}`, apiKey: 'k', retries: 0 });
  await expect(unreachable.images.get('x')).rejects.toMatchObject({
    code: 'unreachable',
    status: 0,
    retryable: true,
    detail: expect.stringContaining('ECONNREFUSED'),
  });
});

it('does not retry a server whose certificate is not trusted', async () => {
  const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const client = new Pixdock({
    baseUrl: 'https://h',
    apiKey: 'k',
    fetch: () => Promise.reject(new TypeError('fetch failed', { cause })),
  });
  await expect(client.images.get('x')).rejects.toMatchObject({
    code: 'unreachable',
    retryable: false,
    detail: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
  });
});

it('ends a request, and the pause before a retry, with the reason of the signal', async () => {
  const abort = new AbortController();
  const held = await serve(() => new Promise(() => {}));
  const request = held.client.images.get('x', { signal: abort.signal });
  await expect.poll(() => held.requests.length).toBe(1);
  abort.abort('enough');
  await expect(request).rejects.toBe('enough');

  const second = new AbortController();
  const busy = await serve(() => problem(503, 'overloaded', { retryAfter: 60 }));
  const waiting = busy.client.images.get('x', { signal: second.signal });
  await expect.poll(() => busy.requests.length).toBe(1);
  second.abort('enough');
  await expect(waiting).rejects.toBe('enough');
});

it('throws the error of the source without a retry', async () => {
  const { client } = await serve(() => ({ body: image }));
  let opened = 0;
  async function* broken() {
    opened++;
    yield new Uint8Array([1]);
    throw new Error('disk failure');
  }
  await expect(client.images.upload({ open: broken })).rejects.toThrow('disk failure');
  expect(opened).toBe(1);
});

it('keeps the path of the base URL and sends key and language', async () => {
  const { url, requests } = await serve(() => ({ body: image }));
  await new Pixdock({ baseUrl: `${url}/images/`, apiKey: 'secret', language: 'zh' }).images.get('img_1');
  expect(requests[0]?.url.pathname).toBe('/images/v1/images/img_1');
  expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'accept-language': 'zh' });
});

it.each(['密钥', 'ｋｅｙ', 'a b', ''])('says which characters the key %j may have', (apiKey) => {
  const baseUrl = 'http://127.0.0.1:1';
  expect(() => new Pixdock({ baseUrl, apiKey })).toThrow(/^The API key may contain only ASCII/);
  expect(() => new Pixdock({ baseUrl, apiKey, language: 'zh' })).toThrow(/^API 密钥只能/);
});

it('leaves the language to the server if none is given', async () => {
  const { url, requests } = await serve(() => ({ body: image }));
  await new Pixdock({ baseUrl: url, apiKey: 'secret' }).images.get('img_1');
  expect(requests[0]?.headers['accept-language'] ?? '*').toBe('*');
});

function closedPort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

it('reports its own errors in its language', async () => {
  const options = { apiKey: 'k', language: 'zh', retries: 0 } as const;
  const absent = new Pixdock({ ...options, baseUrl: 'http://127.0.0.1:1' }).images.get('img_1');
  await expect(absent).rejects.toMatchObject({
    code: 'unreachable',
    title: '没有响应',
    detail: 'http://127.0.0.1:1 没有响应（bad port）。',
  });
  const { url } = await serve(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }));
  const strange = new Pixdock({ ...options, baseUrl: url }).images.get('img_1');
  await expect(strange).rejects.toMatchObject({
    title: '不是 Pixdock 的响应',
    detail: `${url} 返回了 200（text/html），这不是 Pixdock 的响应，可能来自代理或其他服务。`,
  });
});
