/*
 * Debian's nginx with deploy/nginx.conf in front of the API. PIXDOCK_LONG=1 keeps streams and uploads open for two minutes
 * instead of one, which nginx allows by default.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { get as getHttps, type RequestOptions, request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { Image } from '@pixdock/contract/image';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { installWithApt } from '../harness/apt.js';
import { ask, until, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';
import { findNginx, type Nginx, startNginx } from './nginx.js';

const DEBIAN = ['nginx-light', 'curl', 'openssl'];
const ACME = { Authorization: 'Bearer key-of-the-owner-acme' };
const MIB = 1024 ** 2;
const MAX_UPLOAD_BYTES = 20 * MIB;
const CUTS = 10;
/** The server sends one every 15 s, and nginx gives up after 60 s of silence. */
const COMMENTS = process.env.PIXDOCK_LONG === '1' ? 8 : 5;

const defaultCertificates = getCACertificates('default');
let program = findNginx();
let stack: Stack;
/** The same stack through nginx. */
let proxied: Stack;
let nginx: Nginx;
let folder: string;
beforeAll(async () => {
  // With systemd, apt would also start the service.
  if (program === null && !existsSync('/run/systemd/system'))
    if (await installWithApt(DEBIAN, (line) => console.log(line))) program = findNginx();
  if (program === null) return;
  folder = await mkdtemp(join(tmpdir(), 'pixdock-nginx-test-'));
  stack = await startApiOnly();
  nginx = await startNginx(program, stack.api.url);
  setDefaultCACertificates([...defaultCertificates, nginx.certificate]);
  proxied = { ...stack, api: { ...stack.api, url: nginx.url } };
});
beforeEach((context) =>
  context.skip(program === null, `nginx is not installed: apt-get install ${DEBIAN.join(' ')}`),
);
afterAll(async () => {
  setDefaultCACertificates(defaultCertificates);
  await nginx?.stop();
  await stack?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A file that begins like an image. */
const fileOf = async (bytes: number) => {
  const head = await photo();
  return Buffer.concat([head, randomBytes(bytes - head.length)]);
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function curl(...args: string[]): Promise<{ status: number; version: string; body: Image }> {
  const certificate = join(folder, 'certificate.pem');
  await writeFile(certificate, nginx.certificate);
  const options = ['-sS', '--cacert', certificate, '-w', '\n%{http_code} %{http_version}'];
  const key = ['-H', `Authorization: ${ACME.Authorization}`];
  const { stdout } = await promisify(execFile)('curl', [...options, ...key, ...args]);
  const [body = '', status = '', version = ''] = stdout.split(/\n(\d+) ([\d.]+)$/);
  return { status: Number(status), version, body: JSON.parse(body) };
}

test.each(['--http1.1', '--http2'])(
  'passes a form of 20 MiB, %s, and stores no body itself',
  async (http) => {
    const bytes = await fileOf(MAX_UPLOAD_BYTES);
    const path = join(folder, 'large.jpg');
    await writeFile(path, bytes);
    const { status, version, body } = await curl(http, '-F', `file=@${path}`, `${nginx.url}/v1/images`);
    expect([status, version]).toEqual([202, http.replace('--http', '')]);
    expect(body.source.sha256).toBe(sha256(bytes));
    expect(await nginx.errorLog()).not.toContain('buffered to a temporary file');
  },
);

test('delivers a resumable upload that is cut between client and nginx', async () => {
  const bytes = await fileOf(6 * MIB);
  await using proxy = Object.assign(await startTcpProxy(), {
    [Symbol.asyncDispose]: () => proxy.stop(),
  });
  proxy.forward(Number(new URL(nginx.url).port));
  const offsets: number[] = [];
  // A connection begins with TLS; each of the following pieces has at most 64 KiB.
  proxy.resetAt(10, 'request', true);
  const id = await new Promise<string>((resolve, reject) => {
    new Upload(bytes, {
      endpoint: `https://localhost:${proxy.port}/v1/uploads`,
      headers: ACME,
      metadata: { filename: 'cut.jpg' },
      retryDelays: Array.from({ length: 500 }, () => 0),
      onShouldRetry() {
        // nginx passes on the bytes that arrive before a cut, but the cut may come before Pixdock has stored them.
        if (proxy.resets() >= CUTS && offsets.some((offset) => offset > 0)) proxy.heal();
        return true;
      },
      onAfterResponse(request, response) {
        if (request.getMethod() === 'HEAD') offsets.push(Number(response.getHeader('Upload-Offset')));
      },
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('Pixdock-Id') ?? ''),
    }).start();
  });
  expect((await ask(stack, `/v1/images/${id}`)).body.source.sha256).toBe(sha256(bytes));
  expect(proxy.resets()).toBeGreaterThanOrEqual(CUTS);
});

test('passes metadata in the query, as long as it may be', async () => {
  const metadata = JSON.stringify({ title: '图'.repeat(1300) });
  const init = {
    method: 'POST',
    body: new Uint8Array(await photo()),
    headers: { 'Content-Type': 'image/jpeg' },
  };
  const { status, body } = await ask(proxied, `/v1/images?metadata=${encodeURIComponent(metadata)}`, init);
  expect([status, body.metadata]).toEqual([202, JSON.parse(metadata)]);
});

test('gives requests the id that they have in the log of nginx, which has no query', async () => {
  const { headers } = await ask(proxied, '/v1/images?externalId=private');
  const line = `${headers.get('x-request-id')} "GET /v1/images" 200`;
  // nginx may write the line after the response.
  const log = await until('the request to be logged', 20, async () => {
    const lines = await nginx.accessLog();
    return lines.includes(line) ? lines : null;
  });
  expect(log).not.toContain('private');
});

/** Sends only the head of a request. */
async function announce(path: string, options: RequestOptions): Promise<{ status: number; body: string }> {
  const sent = requestHttps(new URL(path, nginx.url), { method: 'POST', agent: false, ...options });
  sent.on('error', () => {});
  sent.flushHeaders();
  const [response] = await once(sent, 'response');
  const body = await text(response);
  sent.destroy();
  return { status: response.statusCode, body };
}

test.each([
  ['an image', '/v1/images', 'image/jpeg', 'en', '20 MiB'],
  ['a batch', '/v1/batches', 'application/zip', 'zh', '2 GiB'],
])('lets Pixdock refuse %s that is far too large', async (_, path, type, language, limit) => {
  const headers = { ...ACME, 'Content-Type': type, 'Content-Length': 5 * 1024 * MIB };
  const { status, body } = await announce(path, { headers: { ...headers, 'Accept-Language': language } });
  expect([status, JSON.parse(body)]).toMatchObject([413, { code: 'payload_too_large' }]);
  expect(JSON.parse(body).detail).toContain(limit);
});

test('sends a client without TLS to https, with its method', async () => {
  const response = await fetch(`${nginx.plainUrl}/v1/images?profile=avatar`, {
    method: 'POST',
    redirect: 'manual',
  });
  expect([response.status, response.headers.get('location')]).toEqual([
    308,
    'https://127.0.0.1/v1/images?profile=avatar',
  ]);
});

/** Reads a stream to its end. @param onEnough called once it has had so many comments */
async function follow(chunks: AsyncIterable<string>, onEnough: () => void): Promise<string> {
  let read = '';
  for await (const chunk of chunks) {
    read += chunk;
    if (read.split('\n').filter((line) => line === ':').length >= COMMENTS) onEnough();
  }
  return read;
}

test('lets an upload by HTTP/2 send half a MiB before it is confirmed', async () => {
  const session = connectHttp2(nginx.url);
  const [settings] = await once(session, 'remoteSettings');
  expect(settings.initialWindowSize).toBe(MIB / 2);
  session.close();
});

test('keeps streams, waits and slow uploads open for longer than it would by default', async () => {
  const { body: image } = await upload(proxied, await photo());
  const path = `/v1/images/${image.id}/events`;
  const [response] = await once(getHttps(new URL(path, nginx.url), { headers: ACME }), 'response');
  const session = connectHttp2(nginx.url);
  const stream = session.request({ ':path': path, authorization: ACME.Authorization }).setEncoding('utf8');
  const enough = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const first = follow(response.setEncoding('utf8'), enough[0].resolve);
  const second = follow(stream, enough[1].resolve);
  const streams = Promise.all([first, second]);
  const begun = performance.now();
  const waits = ask(proxied, `/v1/images/${image.id}`, { headers: { Prefer: 'wait=60' } });
  const over = new AbortController();
  async function* slowly() {
    yield await photo();
    for (; !over.signal.aborted; await sleep(500)) yield randomBytes(32 * 1024);
  }
  const slow = ask(proxied, '/v1/images', {
    method: 'POST',
    body: ReadableStream.from(slowly()),
    duplex: 'half',
    headers: { 'Content-Type': 'image/jpeg' },
  });

  const waited = await waits;
  expect([waited.status, waited.headers.get('preference-applied'), waited.body.status]).toEqual([
    200,
    'wait=60',
    'queued',
  ]);
  expect(performance.now() - begun).toBeGreaterThan(59_000);
  await Promise.race([Promise.all(enough.map(({ promise }) => promise)), streams]);
  over.abort();
  expect((await slow).status).toBe(202);
  await stack.restartWorker();
  for (const read of await streams) expect(read).toMatch(/event: image\ndata: .*"status":"published".*\n\n$/);
  session.close();
});

test.each(['en', 'zh'])('answers itself in %s while the API is away, as the API would', async (language) => {
  await stack.api.stop();
  const { status, headers, body } = await ask(proxied, '/v1/images', {
    headers: { 'Accept-Language': `${language}-XX` },
  });
  expect([status, headers.get('content-type'), headers.get('retry-after')]).toEqual([
    503,
    'application/problem+json',
    '5',
  ]);
  expect(headers.get('content-language')).toBe(language);
  expect(body).toMatchObject({ type: '/v1/errors/overloaded', code: 'overloaded', status: 503 });
});
