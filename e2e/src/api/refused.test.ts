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

test.each<[string, Record<string, string>]>([
  ['nested metadata', { metadata: '{"a":{"b":"c"}}' }],
  ['deep metadata', { metadata: '['.repeat(30_000) }],
  ['metadata with a __proto__', { metadata: '{"__proto__":"x"}' }],
  ['metadata with half of a character', { metadata: '{"a":"\\ud83d"}' }],
])('refuses %s in a form and in a query', async (_, fields) => {
  const parts = Object.entries(fields).map(([name, value]) => fieldPart(name, value));
  for (const body of [form(...parts, filePart(BYTES)), form(filePart(BYTES), ...parts)]) {
    const response = await rawRequest(stack.api.url, formRequest(body));
    expect([response?.status, problemOf(response).code]).toEqual([400, 'invalid_request']);
  }
  const query = new URLSearchParams(Object.entries(fields));
  if (query.toString().length > 8000) return;
  const raw = await ask(stack, `/v1/images?${query.toString()}`, { method: 'POST', body: BYTES });
  expect([raw.status, raw.body.code]).toEqual([400, 'invalid_request']);
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

const ID = '5f'.repeat(16);

/** A request, its status, and what its detail says in English and Chinese. */
test.each<[request: string, body: string, status: number, en: string, zh: string]>([
  ['POST /v1/batches?dry_run=true', '{}', 400, 'parameter "dry_run". Write `dryRun`.', '请写成 dryRun。'],
  ['POST /v1/batches?dryrun=true', '{}', 400, 'parameter "dryrun". Write `dryRun`.', '请写成 dryRun。'],
  ['POST /v1/batches?waiting=3', '{}', 400, 'parameter "waiting". Write `wait`.', '请写成 wait。'],
  ['POST /v1/images', '{"imageUrl":"https://a.example/1.jpg"}', 400, 'Write it as `url`.', '请写成 url。'],
  [
    'POST /v1/images',
    '{"url":"https://a.example/1.jpg","externalid":"1"}',
    400,
    '`externalId`',
    'externalId',
  ],
  [
    'POST /v1/images',
    '{"url":"https://a.example/1.jpg","colour":1}',
    400,
    'Known are profile,',
    '可用的字段：',
  ],
  [
    'POST /v1/upload-tokens',
    '{"ttl":60}',
    400,
    'Write it as `expiresInSeconds`.',
    '请写成 expiresInSeconds。',
  ],
  [
    'GET /v1/images?page=2',
    '',
    400,
    'Write `cursor`, whose value is the `next` of a page.',
    '上一页返回的 next',
  ],
  ['GET /v1/images?externalid=1', '', 400, 'Write `externalId`.', '请写成 externalId。'],
  [
    'GET /v1/images?code=source_notfound',
    '',
    400,
    'Write it as `source_not_found`.',
    '请写成 source_not_found。',
  ],
  [`GET /v1/images/img_${ID}?waiting=3`, '', 400, 'parameter "waiting". Write `wait`.', '请写成 wait。'],
  [
    'GET /v1/images?since=2026-01-05T08:00:00',
    '',
    400,
    'is not a time: "2026-01-05T08:00:00". Write',
    '不是时间：',
  ],
  [`GET /v1/images/bat_${ID}`, '', 404, `Its address is /v1/batches/bat_${ID}.`, `/v1/batches/bat_${ID}。`],
  [`POST /v1/images/bat_${ID}/retry`, '', 404, `Its address is /v1/batches/bat_${ID}.`, '不是这类资源的 id'],
  [
    `GET /v1/batches/img_${ID}/items`,
    '',
    404,
    `Its address is /v1/images/img_${ID}.`,
    `/v1/images/img_${ID}。`,
  ],
  [
    `DELETE /v1/images/upl_${ID}`,
    '',
    404,
    `Its address is /v1/uploads/upl_${ID}.`,
    `/v1/uploads/upl_${ID}。`,
  ],
  ['GET /api/v1/images', '', 404, 'Write /v1/images.', '请写成 /v1/images。'],
  ['POST /v1/batch', '{}', 404, 'Write /v1/batches.', '请写成 /v1/batches。'],
  [`GET /v1/batch/bat_${ID}`, '', 404, `Write /v1/batches/bat_${ID}.`, `请写成 /v1/batches/bat_${ID}。`],
  [`GET /v1/images/img_${ID}/status`, '', 404, `Write /v1/images/img_${ID}.`, `/v1/images/img_${ID}。`],
  [`GET /v1/batches/bat_${ID}/report`, '', 404, `/bat_${ID}/report.csv.`, `/bat_${ID}/report.csv。`],
  [`GET /v1/batches/bat_${ID}/report.xls`, '', 404, `/bat_${ID}/report.xlsx.`, `/bat_${ID}/report.xlsx。`],
  ['GET /health', '', 404, '/livez says whether the process runs, /readyz', '/readyz 表示能否接受请求'],
  ['GET /v1/webhooks', '', 404, 'Write /v1/webhooks/endpoints.', '请写成 /v1/webhooks/endpoints。'],
  ['POST /v1/webhooks', '{}', 404, 'Write /v1/webhooks/endpoints.', '请写成 /v1/webhooks/endpoints。'],
  [
    'DELETE /v1/images?externalId=o7',
    '',
    405,
    'Write POST /v1/images/delete',
    '请写成 POST /v1/images/delete',
  ],
  ['GET /v1/images/delete', '', 405, 'This address accepts only POST.', '此地址只接受 POST。'],
  ['GET /v1/batches/preview', '', 405, 'This address accepts only POST.', '此地址只接受 POST。'],
  ['GET /v1/errors/timeout', '', 404, 'Write source_timeout.', '请写成 source_timeout。'],
  [
    `POST /v1/batches/bat_${ID}/retry?code=timeout`,
    '',
    400,
    'Write it as `source_timeout`.',
    '请写成 source_timeout。',
  ],
  [
    'POST /v1/images',
    '{"urls":["https://a.example/1.jpg"]}',
    400,
    'Send several to POST /v1/batches',
    '多个链接',
  ],
  ['POST /v1/images', '["https://a.example/1.jpg"]', 400, 'Send several to POST /v1/batches', '多个链接'],
  ['POST /v1/images', '{"image":"iVBORw0KGgo="}', 400, 'Base64, which is not decoded', '不解码 Base64'],
  ['POST /v1/images', '{"image":"data:image/png;base64,"}', 400, 'Base64, which is not', '不解码 Base64'],
  ['POST /v1/images', '{"url":"data:image/png;base64,"}', 400, 'Base64 is not decoded', '不解码 Base64'],
  ['POST /v1/images', `{"image":"${'A'.repeat(70_000)}"}`, 413, 'Base64 is not decoded', '不解码 Base64'],
  ['POST /v1/images', "{'url':'https://a.example/'}", 400, "`'` (character 2) is unexpected", '第 2 个字符'],
  ['POST /v1/images', `{"url":'https://a.example/'}`, 400, "`'` is unexpected", "“'”有误"],
  ['POST /v1/images', '{"url":"https://a.example/"', 400, 'ends too early', 'JSON 不完整'],
  ['POST /v1/images?tags=x', '', 400, 'Known are profile,', '可用的字段：'],
  ['GET /images/', '', 404, 'Write /v1/images.', '请写成 /v1/images。'],
  [
    'POST /v1/webhooks/endpoints',
    '{"url":"https://a.example.com/","events":["image.done"]}',
    400,
    'Field `events.0` is not one of image.published, image.failed, image.held, image.deleted, batch.finished: "image.done".',
    '以下之一：image.published、',
  ],
  [
    'POST /v1/webhooks/endpoints',
    '{"url":"https://a.example.com/"}',
    400,
    'Field `events` is missing. It is a list of image.published,',
    'events 缺失。它是由以下值组成的列表：image.published、',
  ],
  [
    'POST /v1/webhooks/endpoints',
    '{"url":"http://127.0.0.1:9/","events":[]}',
    400,
    'by adding 127.0.0.1:9 to WEBHOOK_ALLOW.',
    'WEBHOOK_ALLOW',
  ],
  [
    'POST /v1/images',
    '{"url":"https://a.example/1.jpg","webhookUrl":"http://10.0.0.7/"}',
    400,
    'by adding 10.0.0.7:80 to WEBHOOK_ALLOW.',
    'WEBHOOK_ALLOW',
  ],
])('names what %s %s probably means', async (request, body, status, en, zh) => {
  const [method = '', path = ''] = request.split(' ');
  const detail = async (language: string) => {
    const response = await fetch(`${stack.api.url}${path}`, {
      method,
      headers: {
        Authorization: 'Bearer key-of-the-owner-acme',
        'Accept-Language': language,
        ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === '' ? {} : { body }),
    });
    const problem = (await response.json()) as { detail: string };
    return [response.status, problem.detail];
  };
  expect(await detail('en')).toEqual([status, expect.stringContaining(en)]);
  expect(await detail('zh-CN')).toEqual([status, expect.stringContaining(zh)]);
});

test.each([
  ['/v1/upload', 404, 'Write /v1/images.'],
  ['/v1/uploads', 412, 'Send a form or the bytes of an image to POST /v1/images.'],
])('names the address of a form and of an image that %s gets', async (path, status, sentence) => {
  for (const type of ['image/jpeg', `multipart/form-data; boundary=${BOUNDARY}`]) {
    const headers = { 'Content-Type': type };
    const response = await ask(stack, path, { method: 'POST', headers, body: form(filePart(BYTES)) });
    expect([response.status, response.body.detail]).toEqual([status, expect.stringContaining(sentence)]);
  }
});

test.each(['30s', '', 'long', '"5.5"'])(
  'refuses Prefer: wait=%s before it accepts an image',
  async (value) => {
    for (const path of [
      '/v1/images',
      '/v1/batches',
      `/v1/images/img_${ID}/retry`,
      `/v1/batches/bat_${ID}/cancel`,
    ]) {
      const { status, body } = await ask(stack, path, {
        method: 'POST',
        headers: { Prefer: `respond-async, wait=${value}`, 'Content-Type': 'application/json' },
        body: path.includes('_') ? '{}' : '{"url":"https://a.example/1.jpg"}',
      });
      const sentence = expect.stringContaining('Write Prefer: wait=30.');
      expect([path, status, body.detail]).toEqual([path, 400, sentence]);
    }
  },
);

test.each([
  '2026-11-30',
  '1764460800',
  '1764460800000',
  '2026-01-05T16:00:00+08:00',
  '2026-01-05%2008:00:00Z',
])('takes since=%s', async (since) => {
  const { status, body } = await ask(stack, `/v1/images?since=${since}&until=${since}`);
  expect([status, body]).toEqual([200, { items: [] }]);
});

const MP4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1'), Buffer.alloc(100)]);
const XLSX = Buffer.concat([
  Buffer.from(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`, 'latin1'),
  Buffer.alloc(600),
]);
const OLD_WORKBOOK = expect.stringMatching(/^This file is an XLS or ET workbook of the old format/);
const XLS = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
const TIFF = Buffer.from('49492a0008000000', 'hex');

test.each<[string, Buffer, RegExp]>([
  ['a.mp4', MP4, /^This is a video \(MP4,/],
  ['a.xlsx', XLSX, /^This is an Excel workbook \(XLSX, XLS\)/],
  ['a.xls', XLS, /^This is an Excel workbook \(XLSX, XLS\)/],
  [
    'a.tiff',
    TIFF,
    /^This server does not accept TIFF images, .* ACCEPT_FORMATS=jpeg,png,webp,gif,avif,tiff\.$/,
  ],
])('names %s as form, raw and in the body of a batch', async (filename, bytes, sentence) => {
  const formed = await upload(stack, bytes, { filename, type: '' });
  const body = new Uint8Array(bytes);
  const raw = await ask(stack, '/v1/images', { method: 'POST', body });
  for (const { status, body: problem } of [formed, raw])
    expect([status, problem.detail]).toEqual([415, expect.stringMatching(sentence)]);
  if (filename !== 'a.xls') return;
  const types = [
    'text/csv',
    'application/json',
    'application/x-ndjson',
    'application/zip',
    'application/vnd.ms-excel',
  ];
  for (const type of types) {
    const refused = await ask(stack, '/v1/batches', {
      method: 'POST',
      body,
      headers: { 'Content-Type': type },
    });
    expect([type, refused.status, refused.body.detail]).toEqual([type, 415, OLD_WORKBOOK]);
  }
  const parts = new FormData();
  parts.append('file', new Blob([body]), filename);
  const refused = await ask(stack, '/v1/batches', { method: 'POST', body: parts });
  expect([refused.status, refused.body.detail]).toEqual([415, OLD_WORKBOOK]);
});

test.each(['bytes 0-99/200', 'bytes 100-199/200', 'bytes 0-99/*', 'chunk 1'])(
  'refuses a part of a file with Content-Range: %s',
  async (range) => {
    for (const path of ['/v1/images', '/v1/batches']) {
      const { status, body } = await ask(stack, path, {
        method: 'POST',
        body: BYTES,
        headers: {
          'Content-Range': range,
          'Content-Type': path.includes('batch') ? 'application/zip' : 'image/jpeg',
        },
      });
      expect([status, body.detail]).toEqual([
        400,
        expect.stringContaining(`\`Content-Range: ${range}\` says`),
      ]);
      expect(body.detail).toContain('POST /v1/uploads');
    }
  },
);

test.each([
  'flowTotalChunks',
  'resumableTotalChunks',
  'totalChunks',
  'chunks',
  'dztotalchunkcount',
  'qqtotalparts',
])('refuses a part of a file with the form field %s', async (name) => {
  const both = [form(fieldPart(name, '3'), filePart(BYTES)), form(filePart(BYTES), fieldPart(name, '3'))];
  for (const path of ['/v1/images', '/v1/batches'])
    for (const body of both) {
      const response = await rawRequest(stack.api.url, formRequest(body, {}, path));
      expect([response?.status, problemOf(response).detail]).toEqual([
        400,
        expect.stringContaining(`\`${name}=3\` says`),
      ]);
    }
});

test.each([
  ['a query parameter that every object has', '?constructor=x'],
  ['the query parameter __proto__', '?__proto__=x'],
  ['a relative webhookUrl', '?webhookUrl=example.com'],
])('refuses %s', async (_, query) => {
  const { status, body } = await ask(stack, `/v1/images${query}`, { method: 'POST', body: BYTES });
  expect([status, body.code]).toEqual([400, 'invalid_request']);
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

test.each<[string, number, string]>([
  ['application/json', 400, 'invalid_request'],
  ['application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
  ['text/plain', 415, 'unsupported_media_type'],
  ['application/zip', 415, 'unsupported_media_type'],
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

test.each<[string, Buffer, number?, string?]>([
  ['101 files', form(...Array.from({ length: 101 }, () => filePart(BYTES)))],
  [
    'a second file under another name',
    form(filePart(BYTES), part('form-data; name="b"; filename="b"', BYTES)),
  ],
  ['a part without a disposition', form(Buffer.from(`--${BOUNDARY}\r\n\r\nx\r\n`), filePart(BYTES))],
  [
    '10,000 fields',
    form(...Array.from({ length: 10_000 }, (_, i) => fieldPart(`f${i}`, 'x')), filePart(BYTES)),
  ],
  ['a field name of 64 KiB', form(fieldPart('x'.repeat(65_536), 'x'), filePart(BYTES))],
  [
    'a bomb of part headers',
    form(part('form-data; name="file"; filename="a"', BYTES, Array(9000).fill('X: y'))),
  ],
  [
    'a part header of 200 KiB',
    form(part(`form-data; name="file"; x="${'y'.repeat(200_000)}"; filename="a"`, BYTES)),
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
  ],
  ['a missing end boundary', Buffer.concat([filePart(BYTES)])],
  ['half an end boundary', form(filePart(BYTES)).subarray(0, -4)],
  ['a missing first boundary', form(filePart(BYTES)).subarray(30)],
  ['nothing', Buffer.alloc(0)],
])('refuses a form with %s', async (_, body, status = 400, code = 'invalid_request') => {
  const response = await rawRequest(stack.api.url, formRequest(body));
  expect([response?.status, problemOf(response).code]).toEqual([status, code]);
});

test.each<[string, string]>([
  ['that goes up', '../../../etc/cron.d/x'],
  ['that goes up in between', 'a/../../b.jpg'],
  ['that goes up on Windows', '..\\..\\b.jpg'],
  ['with NUL', 'nul\0.jpg'],
  ['with a header', 'a\r\nSet-Cookie: a=b.jpg'],
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

test('compares the digest with the file, not with the form, and names both', async () => {
  const body = form(filePart(BYTES));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const { status, body: problem } = await upload(stack, BYTES, { fields: { sha256 } });
  expect([status, problem.code]).toEqual([422, 'digest_mismatch']);
  const received = createHash('sha256').update(BYTES).digest('hex');
  expect(problem.detail).toContain(`is ${received}, not ${sha256}`);
});

function problemOf(response: RawResponse | null): { code: string; detail: string } {
  expect(response?.headers['content-type']).toBe('application/problem+json');
  return JSON.parse(response?.body ?? '{}');
}
