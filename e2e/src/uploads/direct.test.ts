import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pixdock } from '@pixdock/client';
import type { DirectUpload } from '@pixdock/contract/direct-upload';
import type { Image } from '@pixdock/contract/image';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installWithApt } from '../harness/apt.js';
import { addFault, clearFaults } from '../harness/bucket.js';
import { findChromium, startChromium } from '../harness/chromium.js';
import { type ApiResponse, ask, OTHER, until, untilFinal } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';

import { clocks, type Stack, startStack } from '../harness/stack.js';
import { type Pages, startPages } from '../recipes/pages.js';
import { recipesOf } from '../recipes/recipes.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let stack: Stack;
let pages: Pages & AsyncDisposable;
const ACME = { Authorization: 'Bearer key-of-the-owner-acme' };
const picture = await photo(400, 300);
beforeAll(async () => {
  pages = await startPages(join(ROOT, 'examples/photo.jpg'));
  const settings = { ...clocks('sweep=500'), CORS_ORIGINS: pages.origin };
  stack = await startStack(settings, { stagesInBucket: true });
});
afterAll(async () => {
  await pages[Symbol.asyncDispose]();
  await stack.stop();
});

interface Sender {
  headers?: Record<string, string>;
}
async function post<T>(path: string, body: object, { headers = {} }: Sender = {}) {
  const json = { 'Content-Type': 'application/json', ...headers };
  return ask<T & { code: string; detail: string }>(stack, path, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
  });
}
async function create(request: object = {}, { headers = ACME }: Sender = {}): Promise<DirectUpload> {
  // Without the check of `ask` for secrets: the form has the id of the access key and the address of OSS.
  const response = await fetch(new URL('/v1/direct-uploads', stack.api.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(request),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as DirectUpload;
}
/** Posts the file as a browser does. */
async function send({ url, fields }: DirectUpload, bytes: Buffer): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]), 'a.jpg');
  return fetch(url, { method: 'POST', body: form });
}
const submit = (upload: string, options: object = {}, sender: Sender = {}) =>
  post<Image>('/v1/images', { upload, ...options }, sender);
const untilEmpty = () =>
  until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));

test('publishes a file that went straight to OSS', async () => {
  const upload = await create({ bytes: picture.length, filename: 'photo.jpg' });
  expect((await send(upload, picture)).status).toBe(204);
  const options = { profile: 'avatar', externalId: 'sku-1', metadata: { album: '7' } };
  const { status, body } = await submit(upload.id, options);
  expect([status, body.source]).toMatchObject([202, { kind: 'upload', filename: 'photo.jpg', bytes: null }]);
  const image = await untilFinal(stack, body.id);
  expect(image).toMatchObject({ status: 'published', ...options, source: { bytes: picture.length } });
  await untilEmpty();
});

test('makes one image of an upload, however often it is submitted', async () => {
  const upload = await create();
  await send(upload, picture);
  const first = await submit(upload.id);
  const again = await submit(upload.id);
  expect([again.body.id, again.headers.get('idempotency-replayed')]).toEqual([first.body.id, 'true']);
  expect((await submit(upload.id, { externalId: 'other' })).body.code).toBe('idempotency_conflict');
  await untilFinal(stack, first.body.id);
  await untilEmpty();
  const key = { headers: { 'Idempotency-Key': '"key"' } };
  const other = await submit(upload.id, {}, key);
  expect([other.status, other.body.detail]).toEqual([404, expect.stringContaining('it has become an image')]);

  const second = await create();
  await send(second, picture);
  const keyed = await submit(second.id, {}, key);
  expect((await submit(second.id, {}, key)).body.id).toBe(keyed.body.id);
  expect((await submit(upload.id, {}, key)).body.code).toBe('idempotency_conflict');
});

test('refuses uploads that are unknown, without a file or of somebody else', async () => {
  const upload = await create();
  const codes = async (...sent: Promise<ApiResponse<{ code: string }>>[]) =>
    (await Promise.all(sent)).map(({ status, body }) => `${status} ${body.code}`);
  const without = await submit(upload.id);
  expect([without.status, without.body.detail]).toEqual([404, expect.stringContaining('is not in OSS yet')]);
  await send(upload, picture);
  expect(
    await codes(
      submit(upload.id, {}, { headers: OTHER }),
      submit(`upl_${'0'.repeat(32)}`),
      submit('upl_1'),
      submit(upload.id, { url: 'https://images.example/1.jpg' }),
      submit(upload.id, { profile: 'none' }),
      post('/v1/direct-uploads', { bytes: 0 }),
      post('/v1/direct-uploads', { bytes: 1024 ** 3 }),
    ),
  ).toEqual([
    '404 not_found',
    '404 not_found',
    '400 invalid_request',
    '400 invalid_request',
    '400 unknown_profile',
    '400 invalid_request',
    '413 payload_too_large',
  ]);
  expect((await submit(upload.id)).status).toBe(202);
});

test('reports what is wrong with the file once a worker has read it', async () => {
  const found = async (bytes: Buffer, options: object = {}) => {
    const upload = await create();
    await send(upload, bytes);
    const { body } = await submit(upload.id, options);
    const { status, error } = await untilFinal(stack, body.id);
    return [status, error?.code];
  };
  expect(await found(Buffer.from('text'))).toEqual(['failed', 'unsupported_media_type']);
  expect(await found(picture.subarray(0, 3000))).toEqual(['failed', 'image_truncated']);
  expect(await found(picture, { sha256: 'ab'.repeat(32) })).toEqual(['failed', 'digest_mismatch']);
});

test('lets OSS refuse a larger file than declared, and a second one', async () => {
  const upload = await create({ bytes: picture.length - 1 });
  expect((await send(upload, picture)).status).toBe(400);
  expect((await send(upload, picture.subarray(1))).status).toBe(204);
  expect((await send(upload, picture.subarray(1))).status).toBe(409);
});

test('lets an upload token do both, within its bounds', async () => {
  const bounds = { maxCount: 1, maxBytes: picture.length, profile: 'avatar' };
  const { body: token } = await post<UploadToken>('/v1/upload-tokens', bounds);
  const sender = { headers: { Authorization: `Bearer ${token.token}` } };
  const tooLarge = await post('/v1/direct-uploads', { bytes: picture.length + 1 }, sender);
  expect(tooLarge.body.code).toBe('payload_too_large');
  const upload = await create({}, sender);
  expect((await post('/v1/direct-uploads', {}, sender)).body.code).toBe('forbidden');
  await send(upload, picture);
  expect((await submit(upload.id, { profile: 'default' }, sender)).body.code).toBe('forbidden');
  expect((await submit(upload.id, { replace: true, externalId: 'a' }, sender)).body.code).toBe('forbidden');
  const { status, body } = await submit(upload.id, {}, sender);
  expect([status, body.profile]).toEqual([202, 'avatar']);
  const read = await ask(stack, `/v1/images/${body.id}?wait=30`, sender);
  expect(read.body.status).toBe('published');

  const { body: second } = await post<UploadToken>('/v1/upload-tokens', bounds);
  const ofKey = await create();
  await send(ofKey, picture);
  const stranger = { headers: { Authorization: `Bearer ${second.token}` } };
  expect((await submit(ofKey.id, {}, stranger)).status).toBe(404);
});

test('loses no submitted upload with everything in Redis', async () => {
  await stack.worker.stop();
  const upload = await create();
  await send(upload, picture);
  const { body } = await submit(upload.id, { externalId: 'flushed' });
  stack.redis.cli('FLUSHALL');
  await stack.restartWorker();
  expect(await untilFinal(stack, body.id)).toMatchObject({ status: 'published', externalId: 'flushed' });
});

test('leaves nothing of a submission that OSS does not answer, and accepts it again', async () => {
  const upload = await create();
  await send(upload, picture);
  await addFault(stack, {
    operation: 'CopyObject',
    action: { type: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  expect((await submit(upload.id)).body.code).toBe('overloaded');
  await clearFaults(stack);
  const { body } = await submit(upload.id);
  expect((await untilFinal(stack, body.id)).status).toBe('published');
});

test('uploads with the client', async () => {
  const client = new Pixdock({ baseUrl: stack.api.url, apiKey: 'key-of-the-owner-acme' });
  const sent: number[] = [];
  const image = await client.images.uploadDirect(picture, {
    filename: '照片.jpg',
    metadata: { album: '7' },
    wait: 30,
    onProgress: ({ sentBytes }) => sent.push(sentBytes),
  });
  expect(image).toMatchObject({
    status: 'published',
    metadata: { album: '7' },
    source: { filename: '照片.jpg' },
  });
  expect(sent.at(-1)).toBeGreaterThan(picture.length);
});

test('publishes from a page in Chromium with each recipe', async (context) => {
  let chromium = findChromium();
  if (chromium === null && (await installWithApt(['chromium'], console.log))) chromium = findChromium();
  context.skip(chromium === null, 'Chromium is not installed: apt-get install chromium');
  const recipes = new Map<string, string>();
  for (const heading of ['Browser', 'Browser: our client']) {
    const { body } = await post<UploadToken>('/v1/upload-tokens', { origins: [pages.origin] });
    const [recipe] = recipesOf('docs/direct-uploads.md').get(heading)?.recipes ?? [];
    const code = recipe?.code ?? '';
    recipes.set(
      heading.replace(/\W/g, ''),
      code.replaceAll('http://127.0.0.1:3000', stack.api.url).replaceAll('TOKEN', body.token),
    );
  }
  await pages.serve(recipes);
  await using browser = await startChromium(chromium ?? '');
  await (await browser.newPage()).goto(pages.origin, { waitUntil: 'commit' });
  for (const name of recipes.keys()) expect(await pages.printed(name)).toMatch(/^http:\/\/\S+\.jpg$/);
});
