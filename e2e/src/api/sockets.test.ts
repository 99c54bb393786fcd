import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, OTHER, upload } from '../harness/client.js';
import { liveIds } from '../harness/leftovers.js';
import {
  BOUNDARY,
  chunked,
  filePart,
  form,
  formRequest,
  openRaw,
  type RawConnection,
  type RawResponse,
  rawRequest,
  requestHead,
} from '../harness/raw-http.js';
import { clocks, type Stack, startApiOnly } from '../harness/stack.js';
import { expectNothingLeft, jpegLike, memoryMib, untilArriving } from './support.js';

const MAX = 1024 * 1024;
const BYTES = jpegLike(5000);

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly(
    { MAX_UPLOAD_BYTES: String(MAX), ...clocks('pace=17000') },
    { asInProduction: true },
  );
});
afterAll(() => stack.stop());

describe('to a client that sends everything before it reads', () => {
  test.each<[string, Record<string, string>, number]>([
    ['too large by its length', { 'Content-Length': String(8 * MAX) }, 413],
    ['too large by its count', { 'Transfer-Encoding': 'chunked' }, 413],
    ['no key', { 'Content-Length': String(8 * MAX), Authorization: '' }, 401],
    [
      'a wrong type',
      { 'Content-Length': String(8 * MAX), 'Content-Type': 'multipart/mixed; boundary=b' },
      415,
    ],
  ])('delivers the refusal: %s', async (_, headers, status) => {
    await withConnection(async (connection) => {
      connection.socket.pause();
      await connection.send(requestHead('POST', '/v1/images', headers));
      const isChunked = headers['Transfer-Encoding'] !== undefined;
      const piece = jpegLike(MAX / 8);
      // Slower than the time for which servers commonly drain a refused body.
      for (let i = 0; i < 64; i++) {
        await connection.send(isChunked ? chunked(piece) : piece);
        await sleep(15);
      }
      if (isChunked) await connection.send('0\r\n\r\n');
      connection.socket.resume();
      expect((await connection.response())?.status).toBe(status);
      // The connection still works.
      await connection.send(requestHead('GET', '/livez'));
      expect((await connection.response())?.status).toBe(200);
    });
    await expectNothingLeft(stack);
  });
});

describe('Expect: 100-continue', () => {
  test.each<[string, Record<string, string>, number]>([
    ['no key', { Authorization: 'Bearer wrong' }, 401],
    ['too large', { 'Content-Length': '99999999' }, 413],
    ['a wrong type', { 'Content-Type': 'multipart/mixed; boundary=b' }, 415],
  ])('refuses %s before the body is sent', async (_, headers, status) => {
    await withConnection(async (connection) => {
      const all = { 'Content-Length': '5000', Expect: '100-continue', ...headers };
      await connection.send(requestHead('POST', '/v1/images', all));
      const response = await connection.response();
      expect(response?.status).toBe(status);
      expect(response?.headers.connection).toBe('close');
    });
  });

  test('refuses an invalid option in the query before the body is sent', async () => {
    const head = requestHead('POST', '/v1/images?profile=a&colour=red', {
      'Content-Length': '5000',
      Expect: '100-continue',
    });
    expect((await rawRequest(stack.api.url, head))?.status).toBe(400);
  });

  test('sends 100 Continue and accepts a valid upload, also from curl', async () => {
    const id = await withConnection(async (connection) => {
      const body = form(filePart(BYTES));
      const request = formRequest(body, { Expect: '100-continue' });
      await connection.send(request.subarray(0, -body.length));
      expect((await connection.response())?.status).toBe(100);
      await connection.send(body);
      const response = await connection.response();
      expect(response?.status).toBe(202);
      return imageIn(response).id;
    });
    const source = `${stack.dataDir}/staging/live/${id.slice(4, 6)}/${id}/source`;
    const accepted = await curl('Bearer key-of-the-owner-acme', `file=@${source};filename=a.jpg`);
    expect(JSON.parse(accepted)).toMatchObject({ status: 'queued', source: { bytes: BYTES.length } });
    const sent = ['-o', '/dev/null', '-w', '%{http_code} %{size_upload}'];
    const refused = await curl('Bearer wrong', `file=@${process.execPath}`, ...sent);
    expect(refused).toBe('401 0');
  });
});

describe('a wrong Content-Length', () => {
  test('refuses a body that ends early, and keeps nothing', async () => {
    const before = await liveIds(stack);
    for (const body of [BYTES, form(filePart(BYTES))]) {
      await withConnection(async (connection) => {
        const type = body === BYTES ? 'image/jpeg' : `multipart/form-data; boundary=${BOUNDARY}`;
        const headers = { 'Content-Type': type, 'Content-Length': '9999' };
        await connection.send(requestHead('POST', '/v1/images', headers), body);
        connection.socket.end();
        const response = await connection.response();
        expect([response?.status, problemIn(response).code]).toEqual([400, 'invalid_request']);
      });
    }
    await untilArriving(stack, 0);
    expect(await liveIds(stack)).toEqual(before);
  });

  test('refuses a form that is longer, and the bytes after it', async () => {
    await withConnection(async (connection) => {
      const body = form(filePart(BYTES));
      const request = formRequest(body, { 'Content-Length': String(body.length - 20) });
      await connection.send(request);
      expect((await connection.response())?.status).toBe(400);
      expect((await connection.response())?.status).toBe(400);
      await connection.closed;
    });
  });

  test('detects longer raw bytes by their digest, and refuses the rest after the response', async () => {
    const sha256 = createHash('sha256').update(BYTES).digest('hex');
    await withConnection(async (connection) => {
      const head = requestHead('POST', `/v1/images?sha256=${sha256}`, { 'Content-Length': '1000' });
      await connection.send(head, BYTES);
      const response = await connection.response();
      expect([response?.status, problemIn(response).code]).toEqual([422, 'digest_mismatch']);
      expect((await connection.response())?.status).toBe(400);
      await connection.closed;
    });
  });
});

test.each<[string, string]>([
  ['no HTTP', 'hello\r\n\r\n'],
  ['an unknown method', 'BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an unknown version', 'GET /livez HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['no Host', 'GET /livez HTTP/1.1\r\n\r\n'],
  ['a strange Host', 'GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['a backslash', 'GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['two lengths', 'POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['a negative length', 'POST /v1/images HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  [
    'length and chunks',
    requestHead('POST', '/v1/images', { 'Content-Length': '3', 'Transfer-Encoding': 'chunked' }),
  ],
  ['an invalid chunk size', `${requestHead('POST', '/v1/images', { 'Transfer-Encoding': 'chunked' })}zz\r\n`],
  ['a header of 20 KiB', requestHead('GET', '/livez', { X: 'x'.repeat(20_000) })],
  [
    'a bomb of headers',
    requestHead('GET', '/livez', Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`X${i}`, 'y']))),
  ],
  ['a long path', requestHead('GET', `/${'x'.repeat(20_000)}`)],
  ['a line break in a header', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n'],
  ['NUL in a header', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
])('responds to %s with a problem', async (_, request) => {
  const response = await rawRequest(stack.api.url, request);
  expect(response?.status).toBe(400);
  expect(response?.headers['x-request-id']).toBeTruthy();
  expect(problemIn(response)).toMatchObject({ code: 'invalid_request', status: 400 });
});

test('responds to a health check in HTTP/1.0, which has no Host', async () => {
  expect((await rawRequest(stack.api.url, 'GET /readyz HTTP/1.0\r\n\r\n'))?.status).toBe(200);
});

test('keeps nothing of an upload with an invalid chunk', async () => {
  const before = await liveIds(stack);
  await withConnection(async (connection) => {
    await connection.send(
      requestHead('POST', '/v1/images', { 'Transfer-Encoding': 'chunked' }),
      chunked(BYTES),
    );
    await untilArriving(stack, 1);
    await connection.send('not a size\r\n');
    expect((await connection.response())?.status).toBe(400);
    await connection.closed;
  });
  await untilArriving(stack, 0);
  expect(await liveIds(stack)).toEqual(before);
});

test('keeps nothing of clients that disconnect in the middle of an upload', async () => {
  const before = await liveIds(stack);
  const connections = await Promise.all(Array.from({ length: 30 }, () => openRaw(stack.api.url)));
  const begun = filePart(BYTES);
  for (const [i, { send }] of connections.entries()) {
    const length: Record<string, string> =
      i % 2 === 0 ? { 'Content-Length': '500000' } : { 'Transfer-Encoding': 'chunked' };
    const type = i % 3 === 0 ? 'image/jpeg' : `multipart/form-data; boundary=${BOUNDARY}`;
    const body = i % 3 === 0 ? BYTES : begun;
    await send(requestHead('POST', '/v1/images', { ...length, 'Content-Type': type }));
    await send(i % 2 === 0 ? body : chunked(body));
  }
  await untilArriving(stack, connections.length);
  for (const [i, { socket }] of connections.entries()) {
    if (i % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await untilArriving(stack, 0);
  expect(await liveIds(stack)).toEqual(before);
});

test('responds to pipelined requests in order, also before a malformed one', async () => {
  await withConnection(async (connection) => {
    await connection.send(
      Buffer.concat([
        formRequest(form(filePart(BYTES))),
        Buffer.from(requestHead('GET', '/v1/images?limit=1')),
        formRequest(form(filePart(Buffer.from('text')))),
        Buffer.from(requestHead('GET', '/livez')),
        Buffer.from('nonsense\r\n\r\n'),
      ]),
    );
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await connection.response())?.status);
    expect(statuses).toEqual([202, 200, 415, 200, 400]);
    await connection.closed;
  });
});

test('responds to HEAD as to GET, without a body', async () => {
  const { id } = (await upload(stack, BYTES)).body;
  for (const path of [
    '/livez',
    '/readyz',
    '/v1/errors',
    '/v1/images',
    `/v1/images/${id}`,
    '/openapi.json',
    '/nothing',
  ]) {
    const get = await rawRequest(stack.api.url, requestHead('GET', path));
    const head = await withConnection(async (connection) => {
      await connection.send(requestHead('HEAD', path), requestHead('GET', '/livez'));
      const response = await connection.response({ head: true });
      expect((await connection.response())?.body).toBe('{"status":"ok"}');
      return response;
    });
    expect(head?.status).toBe(get?.status);
    expect(head?.headers['content-type']).toBe(get?.headers['content-type']);
    expect(head?.headers.etag).toBe(get?.headers.etag);
  }
});

test('refuses or ignores an unexpected body', async () => {
  for (const [method, path, status] of [
    ['GET', '/livez', 200],
    ['DELETE', '/v1/images/x', 400],
    ['POST', '/v1/images/x/retry', 400],
  ] as const) {
    await withConnection(async (connection) => {
      await connection.send(requestHead(method, path, { 'Content-Length': '5000' }), BYTES);
      expect((await connection.response())?.status).toBe(status);
      await connection.send(requestHead('GET', '/livez'));
      expect((await connection.response())?.status).toBe(200);
    });
  }
});

test('serves an owner behind 100 new connections of another owner before most of them', async () => {
  const head = (path: string, headers = {}) => requestHead('GET', path, headers);
  // A stopped process lets all connections wait at once.
  stack.api.kill('SIGSTOP');
  const connections = await Promise.all(Array.from({ length: 100 }, () => openRaw(stack.api.url)));
  const logged = stack.api.output().length;
  try {
    for (const { send } of connections) await send(head('/v1/errors'));
    const last = await openRaw(stack.api.url);
    connections.push(last);
    await last.send(head('/livez', OTHER));
    stack.api.kill('SIGCONT');
    expect((await last.response())?.status).toBe(200);
    await Promise.all(connections.slice(0, -1).map(({ response }) => response()));
  } finally {
    stack.api.kill('SIGCONT');
    for (const { socket } of connections) socket.destroy();
  }
  const [before = ''] = stack.api.output().slice(logged).split('"path":"/livez"');
  expect(before.split('"path":"/v1/errors"').length).toBeLessThan(50);
});

test('disconnects 1,000 silent or dripping clients in time while it serves others', async () => {
  const before = await memoryMib(stack.api.pid, 'VmRSS');
  const silent = await Promise.all(Array.from({ length: 1000 }, () => openRaw(stack.api.url)));
  const dripping = await Promise.all(Array.from({ length: 5 }, () => openRaw(stack.api.url)));
  const bodies = await Promise.all(Array.from({ length: 5 }, () => openRaw(stack.api.url)));
  const drip = setInterval(() => {
    for (const { send } of [...dripping, ...bodies]) void send('x');
  }, 1000);
  for (const { send } of dripping) await send('GET /livez HTTP/1.1\r\nX-Slow: ');
  for (const { send } of bodies) await send(requestHead('POST', '/v1/images', { 'Content-Length': '5000' }));
  try {
    const began = performance.now();
    const served = await Promise.all(Array.from({ length: 20 }, () => upload(stack, BYTES)));
    expect(served.every(({ status }) => status === 202)).toBe(true);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((await memoryMib(stack.api.pid, 'VmRSS')) - before).toBeLessThan(64);
    const responses = await Promise.all(dripping.map(({ response }) => response({ seconds: 25 })));
    expect(responses.map((response) => [response?.status, problemIn(response).code])).toEqual(
      dripping.map(() => [408, 'request_timeout']),
    );
    // The minimum rate of a body applies after a longer grace.
    const slow = await Promise.all(bodies.map(({ response }) => response({ seconds: 40 })));
    expect(slow.map((response) => [response?.status, problemIn(response).code])).toEqual(
      bodies.map(() => [408, 'request_timeout']),
    );
    clearInterval(drip);
    await untilArriving(stack, 0);
    await Promise.all([...silent, ...dripping, ...bodies].map(({ closed }) => closed));
  } finally {
    clearInterval(drip);
    for (const { socket } of [...silent, ...dripping, ...bodies]) socket.destroy();
  }
});

test('logs no server error for any of this', async () => {
  expect((await ask(stack, '/readyz')).status).toBe(200);
  expect(stack.api.output()).not.toMatch(/"level":(50|60)|Unhandled|Error:/);
});

async function curl(authorization: string, field: string, ...more: string[]): Promise<string> {
  const headers = ['-H', `Authorization: ${authorization}`, '-H', 'Expect: 100-continue'];
  const options = ['-sS', '--max-time', '20', ...headers, '-F', field, ...more];
  return (await promisify(execFile)('curl', [...options, `${stack.api.url}/v1/images`])).stdout;
}

async function withConnection<T>(use: (connection: RawConnection) => Promise<T>): Promise<T> {
  const connection = await openRaw(stack.api.url);
  try {
    return await use(connection);
  } finally {
    connection.socket.destroy();
  }
}

function problemIn(response: RawResponse | null): { code: string; status: number } {
  expect(response?.headers['content-type']).toBe('application/problem+json');
  return JSON.parse(response?.body ?? '{}');
}

const imageIn = (response: RawResponse | null): { id: string } => JSON.parse(response?.body ?? '{}');
