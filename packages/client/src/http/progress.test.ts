import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Pixdock } from '../pixdock.js';
import { problem } from '../testing/serve.js';
import type { UploadProgress } from './body.js';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
/** More than the sockets of both sides buffer. */
const MOST_BUFFERED = SIZE / 2;
const bytes = new Blob([new Uint8Array(SIZE)]);
const image = { id: 'img_1', status: 'queued', version: 1, deleteRequestedAt: null };
const SOURCES = [
  ['a Blob', () => bytes],
  ['a file', () => ({ open: () => bytes.stream(), size: SIZE })],
] as const;

/** A server whose handler decides itself how much of a request it reads. */
async function listen(
  handler: (request: IncomingMessage, response: ServerResponse, count: number) => unknown,
) {
  let count = 0;
  const server = createServer((request, response) => void handler(request, response, ++count));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reports: UploadProgress[] = [];
  return {
    client: new Pixdock({ baseUrl, apiKey: 'k' }),
    count: () => count,
    reports,
    onProgress: (progress: UploadProgress) => void reports.push(progress),
  };
}

function reply(
  response: ServerResponse,
  { status = 202, headers = {}, body = image }: ReturnType<typeof problem>,
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

it.each(SOURCES)('reports the bytes of %s as a slow server takes them', async (_name, source) => {
  let read = 0;
  let ahead = 0;
  const { promise: beginning, resolve: began } = Promise.withResolvers<void>();
  const { client, reports, onProgress } = await listen(async (request, response) => {
    await beginning;
    for await (const chunk of request) read += chunk.length;
    reply(response, {});
  });
  await client.images.upload(source(), {
    onProgress(progress) {
      onProgress(progress);
      ahead = Math.max(ahead, progress.sentBytes - read);
      if (progress.sentBytes > 0) began();
    },
  });
  expect(read).toBe(SIZE);
  expect(ahead).toBeLessThan(MOST_BUFFERED);
  const sent = reports.map(({ sentBytes }) => sentBytes);
  expect(sent).toEqual([...new Set(sent)].toSorted((a, b) => a - b));
  expect([sent[0], sent.at(-1)]).toEqual([0, SIZE]);
  expect(sent.length).toBeGreaterThan(64);
  expect(new Set(reports.map(({ totalBytes }) => totalBytes))).toEqual(new Set([SIZE]));
});

it.each(SOURCES)('ends with the reason of the signal while it sends %s', async (_name, source) => {
  const { client, reports, onProgress, count } = await listen((request) => request.pause());
  const abort = new AbortController();
  const uploading = client.images.upload(source(), { onProgress, signal: abort.signal });
  await expect.poll(() => [count(), reports.length > 1]).toEqual([1, true]);
  abort.abort('enough');
  await expect(uploading).rejects.toBe('enough');
  expect(reports.at(-1)?.sentBytes).toBeLessThan(SIZE);
});

it.each(SOURCES)('reads a refusal that comes before the server has %s', async (_name, source) => {
  const { client, reports, onProgress, count } = await listen(async (request, response) => {
    await once(request, 'data');
    reply(response, problem(415, 'unsupported_media_type'));
  });
  const refusal = { name: 'PixdockApiError', status: 415, code: 'unsupported_media_type', detail: 'Detail.' };
  await expect(client.images.upload(source())).rejects.toMatchObject(refusal);
  await expect(client.images.upload(source(), { onProgress })).rejects.toMatchObject(refusal);
  expect(count()).toBe(2);
  expect(reports.at(-1)?.sentBytes).toBeLessThan(SIZE);
});

it('begins at 0 again with each retry', async () => {
  const { client, reports, onProgress } = await listen(async (request, response, count) => {
    for await (const _ of request);
    reply(response, count === 1 ? problem(503, 'overloaded', { retryAfter: 0 }) : {});
  });
  await client.images.upload(new Blob(['bytes']), { onProgress });
  const one = [0, 5].map((sentBytes) => ({ sentBytes, totalBytes: 5 }));
  expect(reports).toEqual([...one, ...one]);
});

it('counts the whole form, and knows the size of a stream at its end', async () => {
  const sizes: unknown[] = [];
  const { client, reports, onProgress } = await listen(async (request, response) => {
    sizes.push(request.headers['content-length']);
    for await (const _ of request);
    reply(response, {});
  });
  await client.images.upload(new Blob(['bytes']), { onProgress, filename: 'a.jpg' });
  const total = Number(sizes[0]);
  expect(total).toBeGreaterThan(100);
  expect(reports.at(-1)).toEqual({ sentBytes: total, totalBytes: total });
  reports.length = 0;
  await client.batches.create([{ url: 'https://h/1' }], { onProgress });
  expect(sizes[1]).toBe(undefined);
  expect(reports).toEqual([
    { sentBytes: 0, totalBytes: undefined },
    { sentBytes: 22, totalBytes: 22 },
  ]);
});

it('ends with an error of onProgress, without a retry', async () => {
  const { client } = await listen((request) => request.resume());
  let opened = 0;
  const open = () => {
    opened++;
    return bytes.stream();
  };
  const onProgress = ({ sentBytes }: UploadProgress) => {
    if (sentBytes > 0) throw new Error('no such bar');
  };
  await expect(client.images.upload({ open }, { onProgress })).rejects.toThrow('no such bar');
  expect(opened).toBe(1);
});

it('leaves an upload without onProgress to fetch', async () => {
  const sent: RequestInit[] = [];
  const fetch = async (_url: unknown, init?: RequestInit) => {
    sent.push(init ?? {});
    return Response.json(image);
  };
  const client = new Pixdock({ baseUrl: 'http://h', apiKey: 'k', fetch });
  await client.images.upload(bytes);
  expect(sent[0]?.body).toBe(bytes);
  await client.images.upload(bytes, { onProgress: () => {} });
  expect(sent[1]?.body).toBeInstanceOf(ReadableStream);
});
