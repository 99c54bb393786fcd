import { builtInProfiles } from '@pixdock/contract/profile';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { receiveBody } from '../batch-formats/testing/receive.js';
import type { ApiEnv } from '../http/env.js';
import { respondWithError } from '../http/problem.js';
import { warningsIn } from '../http/warnings.js';
import { checkHeaders } from './check-headers.js';
import { receiveFile } from './receive.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const BOUNDARY = '----WebKitFormBoundaryTDgnzkNhN0AcBWLJ';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A form as Chromium writes it. */
function form(...parts: Buffer[]): Buffer<ArrayBuffer> {
  const pieces = parts.flatMap((part) => [Buffer.from(`--${BOUNDARY}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}
const text = (name: string, value: string) =>
  Buffer.from(`Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`);
const file = (name: string, filename = '图0.png') => {
  const head = `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: image/png\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), PNG]);
};

async function send(body: Buffer<ArrayBuffer>, headers: Record<string, string> = { 'Content-Type': TYPE }) {
  const app = new Hono<ApiEnv>().post('/', async (c) => {
    const limits = { maxUploadBytes: 1000, acceptFormats: ['png' as const], profiles: builtInProfiles() };
    const nowhere = { stream: null, reservation: null };
    const { warnings, ...received } = await receiveFile(c, checkHeaders(c, limits), nowhere, limits);
    return c.json({ ...received, ...warningsIn('en', warnings) });
  });
  app.onError(respondWithError);
  return (await app.request('/', { method: 'POST', body, headers }, {})).json();
}

// Recorded from Chromium with Uppy 4.18, FilePond 4.32 and Dropzone 6.0 at their defaults.
it.each([
  ['Uppy', form(text('name', '图0.png'), text('type', 'image/png'), file('file'))],
  [
    'the Dashboard of Uppy',
    form(text('relativePath', 'null'), text('name', '图0.png'), text('type', 'image/png'), file('file')),
  ],
  ['FilePond', form(text('filepond', '{}'), file('filepond'))],
  ['FilePond with metadata', form(text('filepond', '{"crop":{"zoom":1}}'), file('filepond'))],
  ['Dropzone', form(file('file'))],
  ['an empty option', form(file('file'), text('metadata', ''))],
  ['files[]', form(file('files[]'))],
  ['file[0]', form(file('file[0]'))],
])('accepts the form of %s without a warning', async (_, body) => {
  const received = await send(body);
  expect(received).toMatchObject({ bytes: PNG.length, format: 'png', filename: '图0.png' });
  expect(received).toMatchObject({ options: { profile: 'default', externalId: null, metadata: {} } });
  expect(received).not.toHaveProperty('warnings');
});

it('accepts metadata.KEY, and names ignored fields in warnings', async () => {
  const fields = [text('metadata.colour', '红'), text('colour', 'red'), text('tag', 'a'), text('tag', 'b')];
  expect(await send(form(...fields, text('file', 'photo.jpg'), file('photo')))).toMatchObject({
    options: { metadata: { colour: '红' } },
    warnings: ['colour', 'tag', 'file'].map((name) => ({
      code: 'ignored_field',
      detail: `Field \`${name}\` is not an option and was ignored. The options are profile, externalId, metadata, sha256, deleteAfterSeconds, replace, webhookUrl.`,
    })),
  });
});

it.each([
  [form(text('externalID', 'sku-1'), file('file')), /`externalID` .* Write it as `externalId`\.$/],
  [form(file('file'), text('external_id', '')), /`external_id` .* Write it as `externalId`\.$/],
  [form(file('files[]', '1.png'), file('files[]', '2.png')), /more than one file.* POST \/v1\/batches/],
  [form(text('filepond', '{}')), /contains no file/],
  [
    form(text('url', 'https://a.example/1.png'), file('file')),
    /has a file and a `url`\. Send one of the two/,
  ],
])('refuses a form and says what to write', async (body, detail) => {
  expect(await send(body)).toMatchObject({ code: 'invalid_request', detail: expect.stringMatching(detail) });
});

it.each([{}, { 'Content-Type': 'image/png' }, { 'Content-Type': 'application/x-www-form-urlencoded' }])(
  'accepts the bytes of Uppy without a form, and of curl: %j',
  async (headers) => {
    expect(await send(Buffer.from(PNG), headers)).toMatchObject({ format: 'png', filename: null });
  },
);

it('accepts a bundle of Uppy as a batch', async () => {
  const bundle = form(
    text('user', '7'),
    file('files[]', '图0.png'),
    file('files[]', '图1.png'),
    file('other'),
  );
  const { items, warnings } = await receiveBody({ type: TYPE, body: bundle });
  expect(items.map(({ filename }) => filename)).toEqual(['图0.png', '图1.png', '图0.png']);
  expect(warningsIn('zh', warnings)).toEqual({
    warnings: [{ code: 'ignored_field', detail: '字段 user 已忽略，因为批次表单只接受文件和字段 reuse。' }],
  });
  const filepond = form(text('filepond', '{}'), file('filepond'), text('profile', ''), text('name', 'a'));
  expect(await receiveBody({ type: TYPE, body: filepond })).toMatchObject({ total: 1, warnings: [] });
});
