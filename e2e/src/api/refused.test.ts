import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ask, upload } from '../harness/client.js';
import {
  BOUNDARY,
  chunked,
  fieldPart,
  filePart,
  form,
  formRequest,
  part,
  type RawResponse,
  rawRequest,
  requestHead,
} from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { expectNothingLeft, jpegLike } from './support.js';

const MAX = 256 * 1024;
const BYTES = jpegLike(5000);

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ MAX_UPLOAD_BYTES: String(MAX) });
});
afterEach(() => expectNothingLeft(stack));
afterAll(() => stack.stop());

const HEIC = Buffer.concat([
  Buffer.from('0000001866747970686569630000000068656963', 'hex'),
  Buffer.alloc(600),
]);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n');

test.each<[string, Uint8Array, number, string]>([
  ['an empty file', Buffer.alloc(0), 400, 'empty_file'],
  ['SVG', SVG, 415, 'unsupported_media_type'],
  ['SVG in gzip', gzipSync(SVG), 415, 'unsupported_media_type'],
  [
    'SVG behind a byte order mark',
    Buffer.concat([Buffer.from('\ufeff'), SVG]),
    415,
    'unsupported_media_type',
  ],
  ['PDF', PDF, 415, 'unsupported_media_type'],
  ['text', Buffer.from('just text'), 415, 'unsupported_media_type'],
  ['HTML', Buffer.from('<!doctype html><script>1</script>'), 415, 'unsupported_media_type'],
  ['one byte', Buffer.from([0xff]), 415, 'unsupported_media_type'],
  ['TIFF', Buffer.from('49492a0008000000', 'hex'), 415, 'unsupported_media_type'],
  ['ZIP', Buffer.from('504b0304', 'hex'), 415, 'unsupported_media_type'],
  ['HEIC', HEIC, 415, 'heic_unsupported'],
  ['JPEG XL', Buffer.from('ff0a7f0010', 'hex'), 415, 'unsupported_media_type'],
  ['one byte too many', jpegLike(MAX + 1), 413, 'payload_too_large'],
])('refuses %s under any name and type, as form and raw', async (_, bytes, status, code) => {
  for (const [filename, type] of [
    ['photo.jpg', 'image/jpeg'],
    ['photo.svg', 'image/svg+xml'],
    ['photo', 'application/octet-stream'],
  ] as const) {
    const formed = await upload(stack, bytes, { filename, type });
    expect([formed.status, formed.body.code]).toEqual([status, code]);
  }
  const body = new Uint8Array(bytes);
  const raw = await ask(stack, '/v1/images', {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'image/png' },
  });
  expect([raw.status, raw.body.code]).toEqual([status, code]);
});

test.each<[string, Record<string, string>, number, string]>([
  ['an option with another name', { external_id: 'x' }, 400, 'invalid_request'],
  ['url', { url: 'https://example.com/a.jpg' }, 400, 'invalid_request'],
  [
    'a webhookUrl without an endpoint at its origin',
    { webhookUrl: 'https://example.com/' },
    400,
    'invalid_request',
  ],
  ['an unknown profile', { profile: 'poster' }, 400, 'unknown_profile'],
  ['no profile name', { profile: '../default' }, 400, 'invalid_request'],
  ['a long externalId', { externalId: 'x'.repeat(257) }, 400, 'invalid_request'],
  ['metadata that is not JSON', { metadata: 'album=7' }, 400, 'invalid_request'],
  ['metadata that is a list', { metadata: '["a"]' }, 400, 'invalid_request'],
  ['metadata with a number', { metadata: '{"a":1}' }, 400, 'invalid_request'],
  ['nested metadata', { metadata: '{"a":{"b":"c"}}' }, 400, 'invalid_request'],
  ['deep metadata', { metadata: '['.repeat(30_000) }, 400, 'invalid_request'],
  ['metadata with a __proto__', { metadata: '{"__proto__":"x"}' }, 400, 'invalid_request'],
  ['metadata with half of a character', { metadata: '{"a":"\\ud83d"}' }, 400, 'invalid_request'],
  ['metadata over 4 KiB', { metadata: JSON.stringify({ k: 'x'.repeat(4090) }) }, 400, 'invalid_request'],
  ['a short sha256', { sha256: 'abc' }, 400, 'invalid_request'],
  ['another sha256', { sha256: '0'.repeat(64) }, 422, 'digest_mismatch'],
])('refuses %s in a form and in a query', async (_, fields, status, code) => {
  const parts = Object.entries(fields).map(([name, value]) => fieldPart(name, value));
  for (const body of [form(...parts, filePart(BYTES)), form(filePart(BYTES), ...parts)]) {
    const response = await rawRequest(stack.api.url, formRequest(body));
    expect([response?.status, problemOf(response).code]).toEqual([status, code]);
  }
  const query = new URLSearchParams(Object.entries(fields));
  if (query.toString().length > 8000) return;
  const raw = await ask(stack, `/v1/images?${query.toString()}`, { method: 'POST', body: BYTES });
  expect([raw.status, raw.body.code]).toEqual([status, code]);
});

test.each([
  ['externalId', '"externalId":"\\ud83d"', 'contains half of a character', '不完整的字符'],
  ['metadata', '"metadata":{"\\udc00":"x"}', 'contains half of a character', '不完整的字符'],
  ['metadata', '"metadata":{"__proto__":"x"}', 'has a key named __proto__', '__proto__ 的键'],
  ['headers', '"headers":{"__proto__":"x"}', 'has a key named __proto__', '__proto__ 的键'],
])('refuses %s of a JSON body that an object cannot store: %s', async (field, member, en, zh) => {
  for (const [language, says] of [
    ['en', en],
    ['zh', zh],
  ] as const) {
    const { status, body } = await ask(stack, '/v1/images', {
      method: 'POST',
      body: `{"url":"http://a.example/",${member}}`,
      headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
    });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain(field);
    expect(body.detail).toContain(says);
  }
});

test('applies the requirements of a profile that the first bytes decide', async () => {
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(600)]);
  const wrong = await upload(stack, gif, { fields: { profile: 'avatar' } });
  expect([wrong.status, wrong.body.code]).toEqual([415, 'unsupported_media_type']);
});

test.each<[string, string, number]>([
  ['a query parameter twice', '?profile=default&profile=default', 400],
  ['an unknown query parameter', '?x=1', 400],
  ['a query parameter that every object has', '?constructor=x', 400],
  ['the query parameter __proto__', '?__proto__=x', 400],
  ['an empty externalId', '?externalId=', 400],
  ['a relative webhookUrl', '?webhookUrl=example.com', 400],
])('refuses %s', async (_, query, status) => {
  const { body, ...response } = await ask(stack, `/v1/images${query}`, { method: 'POST', body: BYTES });
  expect([response.status, body.code]).toEqual([status, 'invalid_request']);
});

test.each([
  ['/v1/images', 'image/jpeg'],
  ['/v1/images', 'application/json'],
  ['/v1/batches', 'text/csv'],
])('refuses a compressed body by name: %s, %s', async (path, type) => {
  const send = (coding: string, body: NonNullable<RequestInit['body']>) =>
    ask(stack, path, {
      method: 'POST',
      body,
      headers: { 'Content-Type': type, 'Content-Encoding': coding },
    });
  const refused = await send('gzip', new Uint8Array(gzipSync('url\nhttp://a.example/')));
  expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type']);
  expect(refused.body.detail).toContain('has a Content-Encoding');
  expect(refused.headers.get('Accept-Encoding')).toBe('identity');
  const { body } = await send('identity', '');
  expect(body.detail).not.toContain('Content-Encoding');
});

test('refuses options in the query of a form', async () => {
  const request = formRequest(form(filePart(BYTES))).toString('latin1');
  const response = await rawRequest(
    stack.api.url,
    Buffer.from(request.replace('/v1/images ', '/v1/images?profile=avatar '), 'latin1'),
  );
  expect([response?.status, problemOf(response).code]).toEqual([400, 'invalid_request']);
});

test.each(['?profile=avatar', '?dryRun=true', '?x'])(
  'refuses %s in the query of a JSON body',
  async (query) => {
    const { status, body } = await ask(stack, `/v1/images${query}`, {
      method: 'POST',
      body: '{"url":"http://a.example/"}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toContain('in the JSON body');
  },
);

test.each<[string, number, string]>([
  ['application/json', 400, 'invalid_request'],
  ['application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
  ['text/plain', 415, 'unsupported_media_type'],
  ['application/zip', 415, 'unsupported_media_type'],
  ['multipart/mixed; boundary=x', 415, 'unsupported_media_type'],
  ['multipart/form-data', 400, 'invalid_request'],
  ['multipart/form-data; boundary=', 400, 'invalid_request'],
  ['multipart/form-data; boundary=another', 400, 'invalid_request'],
])('refuses a form sent as %s', async (type, status, code) => {
  const body = form(filePart(BYTES));
  const response = await rawRequest(stack.api.url, formRequest(body, { 'Content-Type': type }));
  expect([response?.status, problemOf(response).code]).toEqual([status, code]);
});

const nested = Buffer.from(
  `--inner\r\nContent-Disposition: form-data; name="x"\r\n\r\n${BYTES.toString('latin1')}\r\n--inner--\r\n`,
  'latin1',
);

test.each<[string, Buffer, number, string]>([
  ['no part at all', form(), 400, 'invalid_request'],
  ['no file', form(fieldPart('profile', 'default')), 400, 'invalid_request'],
  [
    'an empty file beside fields',
    form(fieldPart('profile', 'default'), filePart(Buffer.alloc(0))),
    400,
    'empty_file',
  ],
  ['two files', form(filePart(BYTES), filePart(BYTES)), 400, 'invalid_request'],
  ['101 files', form(...Array.from({ length: 101 }, () => filePart(BYTES))), 400, 'invalid_request'],
  [
    'a second file under another name',
    form(filePart(BYTES), part('form-data; name="b"; filename="b"', BYTES)),
    400,
    'invalid_request',
  ],
  ['the file as text', form(fieldPart('file', '@photo.jpg')), 400, 'invalid_request'],
  [
    'a field twice',
    form(fieldPart('profile', 'default'), fieldPart('profile', 'default'), filePart(BYTES)),
    400,
    'invalid_request',
  ],
  ['a nameless part', form(part('form-data', 'x'), filePart(BYTES)), 400, 'invalid_request'],
  [
    'a part without a disposition',
    form(Buffer.from(`--${BOUNDARY}\r\n\r\nx\r\n`), filePart(BYTES)),
    400,
    'invalid_request',
  ],
  ['a huge field', form(fieldPart('metadata', 'x'.repeat(100_000)), filePart(BYTES)), 400, 'invalid_request'],
  [
    '10,000 fields',
    form(...Array.from({ length: 10_000 }, (_, i) => fieldPart(`f${i}`, 'x')), filePart(BYTES)),
    400,
    'invalid_request',
  ],
  [
    'a field name of 64 KiB',
    form(fieldPart('x'.repeat(65_536), 'x'), filePart(BYTES)),
    400,
    'invalid_request',
  ],
  [
    'a bomb of part headers',
    form(part('form-data; name="file"; filename="a"', BYTES, Array(9000).fill('X: y'))),
    400,
    'invalid_request',
  ],
  [
    'a part header of 200 KiB',
    form(part(`form-data; name="file"; x="${'y'.repeat(200_000)}"; filename="a"`, BYTES)),
    400,
    'invalid_request',
  ],
  [
    'a nested form',
    form(
      part('form-data; name="file"; filename="a"', nested, ['Content-Type: multipart/mixed; boundary=inner']),
    ),
    415,
    'unsupported_media_type',
  ],
  [
    'a nested form of the same boundary',
    form(part('form-data; name="file"; filename="a"', form(filePart(BYTES)))),
    400,
    'invalid_request',
  ],
  ['a missing end boundary', Buffer.concat([filePart(BYTES)]), 400, 'invalid_request'],
  ['half an end boundary', form(filePart(BYTES)).subarray(0, -4), 400, 'invalid_request'],
  ['a missing first boundary', form(filePart(BYTES)).subarray(30), 400, 'invalid_request'],
  ['nothing', Buffer.alloc(0), 400, 'invalid_request'],
])('refuses a form with %s', async (_, body, status, code) => {
  const response = await rawRequest(stack.api.url, formRequest(body));
  expect([response?.status, problemOf(response).code]).toEqual([status, code]);
});

test.each<[string, string]>([
  ['that goes up', '../../../etc/cron.d/x'],
  ['that goes up in between', 'a/../../b.jpg'],
  ['that goes up on Windows', '..\\..\\b.jpg'],
  ['with NUL', 'nul\0.jpg'],
  ['with a header', 'a\r\nSet-Cookie: a=b.jpg'],
  ['with a line feed', 'a\nb.jpg'],
  ['with a carriage return', 'a\rb.jpg'],
  ['with colour', 'a\u001b[31mred.jpg'],
  ['of 64 KiB', 'x'.repeat(65_536)],
])('refuses a file name %s', async (_, name) => {
  const response = await rawRequest(stack.api.url, formRequest(form(filePart(BYTES, name))));
  expect([response?.status, problemOf(response).code]).toEqual([400, 'invalid_request']);
  expect(response?.body).not.toContain('etc');
  expect(Object.keys(response?.headers ?? {})).not.toContain('set-cookie');
});

test('refuses a line break in filename*', async () => {
  const disposition = 'form-data; name="file"; filename*=utf-8\'\'a%0d%0ab.jpg';
  const response = await rawRequest(stack.api.url, formRequest(form(part(disposition, BYTES))));
  expect(response?.status).toBe(400);
});

test('refuses a too large Content-Length before it reads the body', async () => {
  for (const type of ['image/jpeg', `multipart/form-data; boundary=${BOUNDARY}`]) {
    const head = requestHead('POST', '/v1/images', { 'Content-Type': type, 'Content-Length': '99999999' });
    const response = await rawRequest(stack.api.url, head);
    expect([response?.status, problemOf(response).code]).toEqual([413, 'payload_too_large']);
  }
});

test('refuses an endless chunked body, as form and raw', async () => {
  const many = Array.from({ length: 200 }, () => chunked(jpegLike(65_536)));
  const raw = requestHead('POST', '/v1/images', { 'Transfer-Encoding': 'chunked' });
  const response = await rawRequest(stack.api.url, raw, ...many);
  expect([response?.status, problemOf(response).code]).toEqual([413, 'payload_too_large']);
  const headers = {
    'Transfer-Encoding': 'chunked',
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
  };
  const head = requestHead('POST', '/v1/images', headers);
  const file = filePart(BYTES).subarray(0, -2);
  const formed = await rawRequest(stack.api.url, head, chunked(file), ...many);
  expect([formed?.status, problemOf(formed).code]).toEqual([413, 'payload_too_large']);
  const preamble = await rawRequest(stack.api.url, head, ...many);
  expect([preamble?.status, problemOf(preamble).code]).toEqual([413, 'payload_too_large']);
});

test('checks the key before the length', async () => {
  for (const authorization of ['', 'Bearer wrong', 'Basic a2V5', 'Bearer key-of-the-owner-acme extra']) {
    const response = await rawRequest(
      stack.api.url,
      formRequest(form(filePart(BYTES)), { Authorization: authorization }),
    );
    expect([response?.status, problemOf(response).code]).toEqual([401, 'unauthorized']);
    expect(response?.headers['www-authenticate']).toMatch(/^Bearer/);
  }
});

test('compares the digest with the file, not with the form', async () => {
  const body = form(filePart(BYTES));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const { status, body: problem } = await upload(stack, BYTES, { fields: { sha256 } });
  expect([status, problem.code]).toEqual([422, 'digest_mismatch']);
});

function problemOf(response: RawResponse | null): { code: string } {
  expect(response?.headers['content-type']).toBe('application/problem+json');
  return JSON.parse(response?.body ?? '{}');
}
