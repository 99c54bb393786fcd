import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import type { OssDevOptions } from './start.js';
import { aliClient } from './testing/ali-client.js';
import { send, signed, xmlText } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

const stored = {
  'content-type': 'image/png',
  'cache-control': 'public, max-age=60',
  'content-disposition': 'inline; filename="a.png"',
  'content-encoding': 'identity',
  'content-language': 'zh',
  expires: 'Fri, 02 Jan 2026 03:04:05 GMT',
  'x-oss-meta-id': 'img_1',
};

test('returns the stored headers to unsigned GET and HEAD requests', async () => {
  const oss = await withObject();
  const get = await send(oss, { path });
  expect(get).toMatchObject({ status: 200, text: '0123456789' });
  expect(get.headers).toMatchObject({ ...stored, 'content-length': '10', 'accept-ranges': 'bytes' });
  const head = await send(oss, { path, method: 'HEAD' });
  expect(head.body).toHaveLength(0);
  for (const name of [
    'etag',
    'last-modified',
    'x-oss-hash-crc64ecma',
    'content-length',
    ...Object.keys(stored),
  ]) {
    expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
  }
});

test('serves an object without a type as application/octet-stream', async () => {
  const oss = await startTestOss();
  await send(oss, signed(oss, { method: 'PUT', key: 'a.png', body: 'x' }));
  expect((await send(oss, { path })).headers['content-type']).toBe('application/octet-stream');
});

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-99', 200, '0123456789', undefined],
  ['bytes=8-99', 200, '0123456789', undefined],
  ['bytes=10-', 200, '0123456789', undefined],
  ['bytes=4-2', 200, '0123456789', undefined],
  ['bytes=0-1,3-4', 206, '01', 'bytes 0-1/10'],
  ['lines=1-2', 200, '0123456789', undefined],
])('responds to the range %s with %d %s', async (range, status, text, contentRange) => {
  const response = await send(await withObject(), { path, headers: { range } });
  expect(response).toMatchObject({ status, text });
  expect(response.headers['content-range']).toBe(contentRange);
  expect(response.headers['content-length']).toBe(String(text.length));
});

test.each([
  ['bytes=8-99', 206, 'bytes 8-9/10'],
  ['bytes=-99', 206, 'bytes 0-9/10'],
  ['bytes=4-2', 200, undefined],
  ['bytes=10-', 416, undefined],
  ['bytes=-0', 416, undefined],
])('responds to the range %s in standard behavior with %d', async (range, status, contentRange) => {
  const oss = await withObject();
  const response = await send(oss, { path, headers: { range, 'x-oss-range-behavior': 'standard' } });
  expect([response.status, response.headers['content-range']]).toEqual([status, contentRange]);
  if (status === 416) expect(xmlText(response.text, 'Code')).toBe('InvalidRange');
});

test('lets ali-oss stream a range of the object that it expects', async () => {
  const client = aliClient(await withObject());
  const { etag } = (await client.head('a.png')).res.headers as Record<string, string>;
  const headers = { Range: 'bytes=2-4', 'If-Match': etag };
  const { stream, res } = await client.getStream('a.png', { headers });
  expect([(res as { status: number }).status, await readText(stream)]).toEqual([206, '234']);
  const other = { headers: { ...headers, 'If-Match': '"other"' } };
  await expect(client.get('a.png', other)).rejects.toMatchObject({ status: 412, code: 'PreconditionFailed' });
  const unchanged = await client.get('a.png', { headers: { 'If-None-Match': etag } });
  expect(unchanged.res.status).toBe(304);
});

test.each([
  ['if-none-match', '"781E5E245D69B566979B86E28D23F2C7"', 304],
  ['if-none-match', '"other", W/"781E5E245D69B566979B86E28D23F2C7"', 304],
  ['if-none-match', '*', 304],
  ['if-none-match', '"other"', 200],
  ['if-match', '"781E5E245D69B566979B86E28D23F2C7"', 200],
  ['if-match', '"other"', 412],
  ['if-modified-since', 'Fri, 02 Jan 2099 00:00:00 GMT', 304],
  ['if-modified-since', 'Fri, 02 Jan 2015 00:00:00 GMT', 200],
  ['if-unmodified-since', 'Fri, 02 Jan 2015 00:00:00 GMT', 412],
  ['if-unmodified-since', 'Fri, 02 Jan 2099 00:00:00 GMT', 200],
])('responds to %s: %s with %d', async (name, value, status) => {
  const oss = await withObject();
  const response = await send(oss, { path, headers: { [name]: value } });
  expect(response.status).toBe(status);
  expect(response.text.length > 0).toBe(status !== 304);
  expect((await send(oss, { path, method: 'HEAD', headers: { [name]: value } })).status).toBe(status);
});

test.runIf(existsSync('/proc/self/fd'))('closes the file of the body after every response', async () => {
  const oss = await withObject({ faultToken: 'secret' });
  const fault = JSON.stringify({ when: 'after', action: { type: 'empty', status: 503 } });
  const before = await openFiles(oss);
  await send(oss, { path });
  await send(oss, { path, headers: { range: 'bytes=2-4' } });
  await send(oss, { path, headers: { 'if-none-match': '*' } });
  await send(oss, { path, headers: { 'if-match': '"other"' } });
  await send(oss, { path, headers: { range: 'bytes=99-', 'x-oss-range-behavior': 'standard' } });
  const headers = { authorization: 'Bearer secret' };
  await send(oss, { method: 'POST', path: '/__oss-dev/faults', headers, body: fault });
  expect((await send(oss, { path })).status).toBe(503);
  await vi.waitFor(async () => expect(await openFiles(oss)).toEqual(before), 15_000);
});

test('puts an error of HEAD into x-oss-err', async () => {
  const oss = await startTestOss();
  const response = await send(oss, { path: '/lab-bucket/absent', method: 'HEAD' });
  expect([response.status, response.body.length]).toEqual([404, 0]);
  const xml = Buffer.from(String(response.headers['x-oss-err']), 'base64').toString();
  expect(xmlText(xml, 'Code')).toBe('NoSuchKey');
  expect(response.headers['x-oss-ec']).toBe('0026-00000001');
  expect(xmlText(xml, 'RequestId')).toBe(response.headers['x-oss-request-id']);
});

const path = '/lab-bucket/a.png';

async function openFiles({ dataDir }: TestOss): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return files.filter((file) => file.startsWith(dataDir));
}

async function withObject(options: Partial<OssDevOptions> = {}): Promise<TestOss> {
  const oss = await startTestOss(options);
  const request = signed(oss, { method: 'PUT', key: 'a.png', body: '0123456789', headers: stored });
  expect((await send(oss, request)).status).toBe(200);
  return oss;
}
