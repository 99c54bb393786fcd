import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { type AliClient, aliClient } from './testing/ali-client.js';
import { send, signed, xmlText } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

let oss: TestOss;
let client: AliClient;

beforeEach(async () => {
  oss = await startTestOss();
  client = aliClient(oss);
});

test('appends at the position that the last append returned, and keeps the headers of the first', async () => {
  const headers = { 'Cache-Control': 'no-store' };
  const first = await client.append('a.bin', Buffer.from('1234'), { mime: 'image/webp', headers });
  expect(first.nextAppendPosition).toBe('4');
  const second = await append('56789', first.nextAppendPosition);
  expect(second.nextAppendPosition).toBe('9');
  // The CRC-64 of 123456789.
  expect(second.res.headers).toMatchObject({ 'x-oss-hash-crc64ecma': '11051210869376104954' });

  const head = await client.head('a.bin');
  expect(head.res.headers).toMatchObject({
    'content-length': '9',
    'content-type': 'image/webp',
    'cache-control': 'no-store',
    'x-oss-object-type': 'Appendable',
    'x-oss-next-append-position': '9',
    'x-oss-hash-crc64ecma': '11051210869376104954',
    etag: (second.res.headers as Record<string, string>)['etag'],
  });
  expect(head.res.headers).not.toHaveProperty('content-md5');
  expect((await client.get('a.bin')).content).toEqual(Buffer.from('123456789'));
  expect((await client.listV2({}, {})).objects).toMatchObject([
    { name: 'a.bin', size: 9, type: 'Appendable' },
  ]);
});

test('creates an object without bytes, and appends to it', async () => {
  await append('', 0, { meta: { id: 'upl_1' } });
  expect((await client.get('a.bin')).content).toEqual(Buffer.alloc(0));
  await append('1234', 0);
  const { meta, res } = await client.head('a.bin');
  expect([meta, res.headers]).toMatchObject([{ id: 'upl_1' }, { 'content-length': '4' }]);
});

test('refuses any position but the size, which it returns', async () => {
  await expect(append('x', 5)).rejects.toMatchObject({ status: 409, code: 'PositionNotEqualToLength' });
  await append('1234', 0);
  for (const position of [0, 3, 5]) {
    await expect(append('x', position)).rejects.toMatchObject({
      status: 409,
      code: 'PositionNotEqualToLength',
      ecCode: '0026-00000016',
    });
  }
  const query = { append: '', position: '3' };
  const refused = await send(oss, signed(oss, { method: 'POST', key: 'a.bin', query, body: 'x' }));
  expect(refused.headers['x-oss-next-append-position']).toBe('4');
  expect((await client.get('a.bin')).content).toEqual(Buffer.from('1234'));
});

test.each([
  [{ append: '' }, 'MissingArgument', '0016-00000501'],
  [{ append: '', position: '-1' }, 'InvalidArgument', '0016-00000502'],
])('rejects the query %o', async (query, code, ec) => {
  const { status, text } = await send(oss, signed(oss, { method: 'POST', key: 'a', query, body: 'x' }));
  expect([status, xmlText(text, 'Code'), xmlText(text, 'EC')]).toEqual([400, code, ec]);
});

test('lets one of many appends at the same position win', async () => {
  await append('1234', 0);
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => append(String(n % 10), 4)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await client.head('a.bin')).res.headers).toMatchObject({ 'content-length': '5' });
});

test('does not append to an object that a put stored, and a put replaces an appendable one', async () => {
  await append('1234', 0);
  const forbidden = { headers: { 'x-oss-forbid-overwrite': 'true' } };
  await expect(client.put('a.bin', Buffer.from('x'), forbidden)).rejects.toMatchObject({ status: 409 });
  await client.put('a.bin', Buffer.from('x'));
  expect((await client.head('a.bin')).res.headers).toMatchObject({ 'x-oss-object-type': 'Normal' });
  for (const position of [0, 1]) {
    await expect(append('x', position)).rejects.toMatchObject({ status: 409, code: 'ObjectNotAppendable' });
  }
  await client.delete('a.bin');
  expect((await append('1234', 0)).nextAppendPosition).toBe('4');
});

test('checks each part against its Content-MD5, the size and the metadata', async () => {
  await append('1234', 0);
  const wrong = { headers: { 'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==' } };
  await expect(append('x', 4, wrong)).rejects.toMatchObject({ status: 400, code: 'InvalidDigest' });
  await expect(append('x', 4, { meta: { id: '1' } })).rejects.toMatchObject({ code: 'InvalidArgument' });
  const small = aliClient(await startTestOss({ maxObjectBytes: 6 }));
  await small.append('a', Buffer.from('1234'));
  await expect(small.append('a', Buffer.from('567'), { position: '4' })).rejects.toMatchObject({
    code: 'EntityTooLarge',
  });
  expect((await small.append('a', Buffer.from('56'), { position: '4' })).nextAppendPosition).toBe('6');
});

test('keeps the object as it was when a client disconnects within a part', async () => {
  await append('1234', 0);
  const query = { append: '', position: '4' };
  const request = signed(oss, { method: 'POST', key: 'a.bin', query, body: Buffer.alloc(100_000) });
  const lines = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(oss.port, '127.0.0.1');
  const head = `POST ${request.path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`;
  socket.write(head + 'x'.repeat(50_000));
  await vi.waitFor(async () => expect(await temporaryFiles()).toHaveLength(1), 15_000);
  socket.destroy();
  await vi.waitFor(async () => expect(await temporaryFiles()).toEqual([]), 15_000);
  expect((await append('56789', 4)).res.headers).toMatchObject({
    'x-oss-hash-crc64ecma': '11051210869376104954',
  });
});

test('serves no more than the size that it announced while a part is appended', async () => {
  const slow = await startTestOss({ faultToken: 'secret' });
  client = aliClient(slow);
  const rule = { operation: 'GetObject', when: 'after', action: { type: 'delay', ms: 300 } };
  const headers = { authorization: 'Bearer secret' };
  await send(slow, { method: 'POST', path: '/__oss-dev/faults', headers, body: JSON.stringify(rule) });
  await append('1234', 0);
  const got = send(slow, { path: '/lab-bucket/a.bin' });
  await append('56789', 4);
  const { text, headers: received } = await got;
  expect(text).toBe('123456789'.slice(0, Number(received['content-length'])));
});

const temporaryFiles = () => readdir(join(oss.dataDir, 'tmp'));

function append(text: string, position: number | string, options: object = {}) {
  return client.append('a.bin', Buffer.from(text), { position: String(position), ...options });
}
