import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { send, signed, type TestRequest, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

const md5 = (body: string | Buffer) => createHash('md5').update(body).digest('base64');

test('checks the bytes against Content-MD5 before the object becomes visible', async () => {
  const oss = await startTestOss();
  const put = (contentMd5: string) =>
    send(
      oss,
      signed(oss, { method: 'PUT', key: 'a', body: 'hello', headers: { 'content-md5': contentMd5 } }),
    );
  const mismatch = await put(md5('other'));
  expect([mismatch.status, xmlText(mismatch.text, 'Code'), xmlText(mismatch.text, 'EC')]).toEqual([
    400,
    'InvalidDigest',
    '0017-00000503',
  ]);
  expect(xmlText((await put('bm90IGFuIG1kNQ==')).text, 'EC')).toBe('0017-00000502');
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(404);
  expect((await put(md5('hello'))).status).toBe(200);
  expect(await readdir(join(oss.dataDir, 'tmp'))).toEqual([]);
});

test('accepts only true and false for forbid-overwrite', async () => {
  const oss = await startTestOss();
  const put = (value: string) =>
    send(
      oss,
      signed(oss, { method: 'PUT', key: 'a', body: 'x', headers: { 'x-oss-forbid-overwrite': value } }),
    );
  const invalid = await put('yes');
  expect([invalid.status, xmlText(invalid.text, 'EC')]).toEqual([400, '0017-00000279']);
  expect((await put('false')).status).toBe(200);
  expect((await put('false')).status).toBe(200);
  expect((await put('true')).status).toBe(409);
});

test('replaces the whole content and keeps one body on disk', async () => {
  const oss = await startTestOss();
  const bodies = Array.from({ length: 20 }, () => randomBytes(100_000));
  await Promise.all(bodies.map((body) => send(oss, signed(oss, { method: 'PUT', key: 'a', body }))));
  const got = await send(oss, { path: '/lab-bucket/a' });
  expect(bodies.some((body) => body.equals(got.body))).toBe(true);
  expect(got.headers.etag).toBe(`"${createHash('md5').update(got.body).digest('hex').toUpperCase()}"`);
  expect(await filesOf(oss.dataDir)).toHaveLength(2);
});

test('serves either the old or the new object during an overwrite, never a mixture', async () => {
  const oss = await startTestOss();
  const put = (n: number) =>
    send(oss, signed(oss, { method: 'PUT', key: 'a', body: String(n % 10).repeat(200_000) }));
  await put(0);
  const reads = Array.from({ length: 40 }, () => send(oss, { path: '/lab-bucket/a' }));
  const [gets] = await Promise.all([Promise.all(reads), ...Array.from({ length: 20 }, (_, n) => put(n))]);
  for (const { status, text } of gets) {
    expect([status, text]).toEqual([200, text.slice(0, 1).repeat(200_000)]);
  }
});

test.each([
  ['/lab-bucket//leading-slash', 'InvalidObjectName'],
  ['/lab-bucket/%5Cleading-backslash', 'InvalidObjectName'],
  [`/lab-bucket/${'%E6%B5%8B'.repeat(341)}a`, 'InvalidObjectName'],
  ['/lab-bucket/%E6%B5', 'InvalidURI'],
])('rejects the key %.40s', async (path, code) => {
  const oss = await startTestOss();
  const key = decode(path.slice('/lab-bucket/'.length));
  const response = await send(oss, { ...signed(oss, { method: 'PUT', key, body: 'x' }), path });
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, code]);
});

test('accepts keys of 1023 bytes, and dots, slashes and any character in them', async () => {
  const oss = await startTestOss();
  const keys = ['测'.repeat(341), '../../etc/passwd', 'a/./b//c/', '😀 %25?#&=+', '.json', ' '];
  for (const key of keys) {
    expect((await send(oss, signed(oss, { method: 'PUT', key, body: key }))).status).toBe(200);
    const got = await send(oss, { path: `/lab-bucket/${encodeURIComponent(key)}` });
    expect([got.status, got.text]).toEqual([200, key]);
  }
});

test('limits the size, declared or not', async () => {
  const oss = await startTestOss({ maxObjectBytes: 1000 });
  const at = await send(oss, signed(oss, { method: 'PUT', key: 'a', body: Buffer.alloc(1000) }));
  expect(at.status).toBe(200);
  const declared = await send(oss, signed(oss, { method: 'PUT', key: 'b', body: Buffer.alloc(1001) }));
  const undeclared = await send(
    oss,
    chunked(signed(oss, { method: 'PUT', key: 'b', body: Buffer.alloc(3_000_000) })),
  );
  for (const response of [declared, undeclared]) {
    expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'EntityTooLarge']);
  }
  expect((await send(oss, { path: '/lab-bucket/b' })).status).toBe(404);
  expect(await readdir(join(oss.dataDir, 'tmp'))).toEqual([]);
});

test('responds before it has read the body and keeps the connection', async () => {
  const oss = await startTestOss({ maxObjectBytes: 1000 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  agent.on('free', (socket) => sockets.add(socket));
  const put = (bytes: number, secret = oss.accessKeySecret) =>
    signed(oss, { method: 'PUT', key: 'a', body: Buffer.alloc(bytes), secret });
  const requests = [put(5_000_000, 'guess'), put(5_000_000), chunked(put(5_000_000)), put(9)];
  const statuses = [];
  for (const request of requests) statuses.push((await send(oss, { ...request, agent })).status);
  expect(statuses).toEqual([403, 400, 400, 200]);
  expect(sockets.size).toBe(1);
  agent.destroy();
});

test('requires Content-Length or a chunked body', async () => {
  const oss = await startTestOss();
  const request = signed(oss, { method: 'PUT', key: 'a' });
  const lines = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const response = await raw(
    oss.port,
    `PUT /lab-bucket/a HTTP/1.1\r\nhost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  expect(response).toMatch(/^HTTP\/1\.1 411 .*<Code>MissingContentLength<\/Code>/s);
});

test.each(['its client disconnects', 'the server stops'])(
  'removes a partial upload when %s',
  async (cause) => {
    const oss = await startTestOss();
    const request = signed(oss, { method: 'PUT', key: 'a', body: Buffer.alloc(100_000) });
    const lines = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
    const head = `PUT /lab-bucket/a HTTP/1.1\r\nhost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`;
    const socket = connect(oss.port, '127.0.0.1');
    socket.write(head + 'x'.repeat(50_000));
    await vi.waitFor(async () => expect(await readdir(join(oss.dataDir, 'tmp'))).toHaveLength(1), 15_000);
    socket.on('error', () => {});
    if (cause === 'the server stops') {
      await oss.stop();
      expect(await readdir(join(oss.dataDir, 'tmp'))).toEqual([]);
      return;
    }
    socket.destroy();
    await vi.waitFor(async () => expect(await readdir(join(oss.dataDir, 'tmp'))).toEqual([]), 15_000);
    expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(404);
  },
);

function chunked(request: TestRequest): TestRequest {
  const { 'content-length': _length, ...headers } = request.headers ?? {};
  return { ...request, headers: { ...headers, 'transfer-encoding': 'chunked' } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

async function filesOf(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'buckets'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
