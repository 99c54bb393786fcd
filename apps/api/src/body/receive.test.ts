import { PixdockError } from '@pixdock/contract/error';
import { builtInProfiles } from '@pixdock/contract/profile';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ApiContext, ApiEnv } from '../http/env.js';
import { checkHeaders } from './check-headers.js';
import { receiveFile } from './receive.js';

const MAX = 1000;
const LIMITS = {
  maxUploadBytes: MAX,
  acceptFormats: ['jpeg'] as const,
  profiles: builtInProfiles(),
};

const receiveBody = async (c: ApiContext) =>
  receiveFile(c, checkHeaders(c, LIMITS), { stream: null, reservation: null }, LIMITS);

/** A body with the signature of a JPEG. */
function jpeg(bytes: number): Buffer<ArrayBuffer> {
  const body = Buffer.alloc(bytes, 0x5a);
  body.write('ffd8ffe000', 'hex');
  return body;
}

function form(file: Buffer): { body: Buffer<ArrayBuffer>; type: string } {
  const head = 'Content-Disposition: form-data; name="file"; filename="a.jpg"';
  const body = Buffer.concat([Buffer.from(`--b\r\n${head}\r\n\r\n`), file, Buffer.from('\r\n--b--\r\n')]);
  return { body, type: 'multipart/form-data; boundary=b' };
}

/** The number of bytes received, or the code of the refusal. */
async function receivedOf(
  body: Buffer<ArrayBuffer>,
  type: string,
  hasLength: boolean,
): Promise<number | string> {
  let outcome: number | string = 'nothing';
  const app = new Hono<ApiEnv>().post('/', async (c) => {
    outcome = await receiveBody(c).then(
      ({ bytes }) => bytes,
      (error: Error) => (error instanceof PixdockError ? error.code : error.message),
    );
    return c.body(null);
  });
  const length = hasLength ? { 'Content-Length': String(body.length) } : {};
  await app.request('/', { method: 'POST', body, headers: { 'Content-Type': type, ...length } }, {});
  return outcome;
}

test.each([true, false])(
  'accepts a file of exactly MAX_UPLOAD_BYTES, and not one byte more (length: %s)',
  async (hasLength) => {
    for (const [bytes, expected] of [
      [MAX, MAX],
      [MAX + 1, 'payload_too_large'],
    ] as const) {
      expect(await receivedOf(jpeg(bytes), 'image/jpeg', hasLength)).toBe(expected);
      const { body, type } = form(jpeg(bytes));
      expect(await receivedOf(body, type, hasLength)).toBe(expected);
    }
  },
);

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/pdf',
  'text/html; charset=utf-8',
  'x',
])('detects the format of raw bytes of the type %s', async (type) => {
  expect(await receivedOf(jpeg(100), type, true)).toBe(100);
  expect(await receivedOf(Buffer.from('url=https://a.example/'), type, true)).toBe('unsupported_media_type');
  expect(await receivedOf(Buffer.from('a'.repeat(500)), type, true)).toBe('unsupported_media_type');
});

test('refuses a JPEG from which curl -d has removed the zero bytes', async () => {
  const type = 'application/x-www-form-urlencoded';
  const removed = Buffer.from(jpeg(100).filter((byte) => byte !== 0));
  expect(await receivedOf(removed, type, true)).toBe('unsupported_media_type');
  expect(await receivedOf(removed, 'image/jpeg', true)).toBe(removed.length);
});

test.each(['{"url": "https://a.example/"}', 'url=https://a.example/', `externalId=${'x'.repeat(80)}&url=x`])(
  'tells a client that sends %s with curl -d how to send a URL',
  async (body) => {
    const app = new Hono<ApiEnv>().post('/', (c) => receiveBody(c).then(() => c.body(null)));
    app.onError((error, c) => c.text(error.message));
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await app.request('/', { method: 'POST', body, headers }, {});
    expect(await response.text()).toMatch(/^unsupported_media_type: Send `url` as JSON/);
  },
);

test('refuses another multipart type', async () => {
  expect(await receivedOf(form(jpeg(100)).body, 'multipart/mixed; boundary=b', true)).toBe(
    'unsupported_media_type',
  );
});
