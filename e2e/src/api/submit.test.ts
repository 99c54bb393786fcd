import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, upload } from '../harness/client.js';
import { filePart, form, formRequest, part, rawRequest, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike } from './support.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly();
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

test('takes a whole file that says so, in a Content-Range or a number of chunks', async () => {
  const range = { 'Content-Range': `bytes 0-${BYTES.length - 1}/${BYTES.length}` };
  const raw = await ask(stack, '/v1/images', { method: 'POST', body: BYTES, headers: range });
  const formed = await upload(stack, BYTES, {
    fields: { totalChunks: '1', chunks: '1', flowTotalChunks: '1' },
  });
  expect([raw.status, formed.status]).toEqual([202, 202]);
});

test('accepts a chunked body without a length', async () => {
  const head = requestHead('POST', '/v1/images', { 'Transfer-Encoding': 'chunked' });
  const chunks = [BYTES.subarray(0, 7), BYTES.subarray(7)].flatMap((chunk) => [
    `${chunk.length.toString(16)}\r\n`,
    chunk,
    '\r\n',
  ]);
  const response = await rawRequest(stack.api.url, head, ...chunks, '0\r\n\r\n');
  expect(response?.status).toBe(202);
  expect(JSON.parse(response?.body ?? '').source.sha256).toBe(SHA256);
});

test.each([
  ['ffd8ffe000104a464946', 'image/jpeg'],
  ['89504e470d0a1a0a0000000d49484452', 'image/png'],
  ['474946383961', 'image/gif'],
  ['524946460000000057454250', 'image/webp'],
  ['0000001c667479706176696600000000617669666d696631', 'image/avif'],
])('detects the type from the bytes: %s is %s', async (hex, mediaType) => {
  const bytes = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(600)]);
  const { status, body } = await upload(stack, bytes, { type: 'text/html', filename: 'page.html' });
  expect(status).toBe(202);
  expect(body.source.mediaType).toBe(mediaType);
});

test.each([
  ['C:\\fakepath\\photo.jpg', 'photo.jpg'],
  ['/etc/passwd', 'passwd'],
  ['\u202egpj.exe', 'gpj.exe'],
  ['<img src=x>.jpg', '<img src=x>.jpg'],
  ['', null],
])('shows the file name %j as %j and never uses it as a path', async (sent, shown) => {
  const response = await rawRequest(stack.api.url, formRequest(form(filePart(BYTES, sent))));
  expect(response?.status).toBe(202);
  expect(JSON.parse(response?.body ?? '').source.filename).toBe(shown);
});

test('reads filename*, and does not store a huge declared type', async () => {
  const star = part('form-data; name="file"; filename*=utf-8\'\'%E5%9B%BE.jpg', BYTES, [
    `Content-Type: image/${'x'.repeat(60_000)}`,
  ]);
  const response = await rawRequest(stack.api.url, formRequest(form(star)));
  expect(response?.status).toBe(202);
  expect(JSON.parse(response?.body ?? '').source.filename).toBe('图.jpg');
});

test('accepts the longest options', async () => {
  const externalId = '号'.repeat(256);
  const metadata = { k: 'x'.repeat(4096 - '{"k":""}'.length) };
  const { status, body } = await upload(stack, BYTES, {
    fields: { externalId, metadata: JSON.stringify(metadata) },
  });
  expect(status).toBe(202);
  expect(body).toMatchObject({ externalId, metadata });
});

test('increases Retry-After with the queue', async () => {
  const first = await upload(stack, BYTES);
  const before = Number(first.headers.get('retry-after'));
  await Promise.all(Array.from({ length: 24 }, () => upload(stack, BYTES)));
  await until('it to be noticed', 20, async () => {
    const { headers } = await ask(stack, `/v1/images/${first.body.id}`);
    return Number(headers.get('retry-after')) >= before + 3 ? true : null;
  });
});
