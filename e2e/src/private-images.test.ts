import { hash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pixdock } from '@pixdock/client';
import type { Image, SignedUrl } from '@pixdock/contract/image';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCdn } from '../../packages/object-store/src/testing/start-cdn.js';
import { itemsOf, rows, submit, untilFinished } from './batch/requests.js';
import { type BatchStack, startBatchStack } from './batch/stack.js';
import { addFault, clearFaults, listKeys } from './harness/bucket.js';
import { ask, OTHER, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { runPixdock } from './harness/pixdock.js';
import { startError } from './harness/processes.js';
import { OSS } from './harness/stack.js';
import { reconcile, runOps } from './ops/support.js';

const PROFILES = `receipts:
  visibility: private
  variants:
    main: { width: 200 }
    thumb: { width: 50, format: webp }
letters:
  visibility: private
  prefix: mail/letters
  variants: { main: { width: 200 }, thumb: { width: 50, format: webp } }
faces:
  prefix: af-faces
  variants: { main: { width: 200 }, thumb: { width: 50, format: webp } }
`;

let stack: BatchStack;
let profiles: Record<string, string>;
beforeAll(async () => {
  stack = await startBatchStack();
  const file = join(stack.dataDir, 'profiles.yaml');
  await writeFile(file, PROFILES);
  profiles = { PROFILES_FILE: file };
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  stack.env['PROFILES_FILE'] = file;
  await Promise.all([stack.restartApi(profiles), stack.restartWorker(profiles)]);
});
afterAll(() => stack.stop());

const PRIVATE = { fields: { profile: 'receipts' } };
const land = async () => uploadAndWait(stack, await photo(), PRIVATE);
const privateKeys = () => listKeys({ oss: { ...stack.oss, bucket: OSS.privateBucket } });
const keysOf = ({ variants }: Image) => Object.values(variants).map(({ key }) => key);
const read = async (id: string) => (await ask(stack, `/v1/images/${id}`)).body;

/** Not through `ask`, which takes the id of the OSS key in a signed URL for a leak. */
async function sign(id: string, body: object = {}, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(`/v1/images/${id}/sign`, stack.api.url), {
    method: 'POST',
    headers: {
      Authorization: 'Bearer key-of-the-owner-acme',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const { status } = response;
  return {
    status,
    headers: response.headers,
    body: (await response.json()) as SignedUrl & { code?: string; detail?: string },
  };
}

test('stores private objects where only a signed URL reads them', async () => {
  const image = await land();
  expect(image).toMatchObject({ status: 'published', url: null });
  expect(Object.values(image.variants).map(({ url }) => url)).toEqual([null, null]);
  expect(await privateKeys()).toEqual(expect.arrayContaining(keysOf(image)));
  expect(await listKeys(stack)).toEqual([]);
  for (const bucket of [OSS.privateBucket, OSS.bucket])
    expect((await fetch(`${stack.oss.endpoint}/${bucket}/${image.variants['main']?.key}`)).status).not.toBe(
      200,
    );

  const before = Date.now();
  const signed = await sign(image.id, { variant: 'thumb', expiresInSeconds: 60 });
  expect(signed).toMatchObject({ status: 200, body: { url: expect.stringContaining('x-oss-signature=') } });
  expect(signed.headers.get('cache-control')).toBe('no-store');
  const lifetimeMs = Date.parse(signed.body.expiresAt) - before;
  expect(lifetimeMs > 58_000 && lifetimeMs <= 61_000).toBe(true);
  const picture = await fetch(signed.body.url);
  expect(picture.status).toBe(200);
  expect(picture.headers.get('cache-control')).toBe('private, max-age=600');
  const bytes = Buffer.from(await picture.arrayBuffer());
  expect(hash('md5', bytes)).toBe(image.variants['thumb']?.etag);
  const main = image.variants['main']?.key ?? '';
  expect((await fetch(signed.body.url.replace(image.variants['thumb']?.key ?? '', main))).status).toBe(403);
  expect(new URL((await sign(image.id)).body.url).pathname).toContain('/main.jpg');
});

test('signs with the client and in a terminal', async () => {
  const { id } = await land();
  const client = new Pixdock({ baseUrl: stack.api.url, apiKey: 'key-of-the-owner-acme' });
  const { url } = await client.images.sign(id, { variant: 'thumb', expiresInSeconds: 60 });
  expect((await fetch(url)).headers.get('content-type')).toBe('image/webp');
  const { exit, out } = await runPixdock(stack, stack.dataDir, ['sign', id, '--expires', '1min']);
  expect([exit, (await fetch(out.trim())).status]).toEqual([0, 200]);
  expect(new URL(out.trim()).searchParams.get('x-oss-expires')).toBe('60');
});

test('refuses to sign with a code that says why', async () => {
  const image = await land();
  const open = await uploadAndWait(stack, await photo());
  const failed = await uploadAndWait(stack, (await photo()).subarray(0, 1000), PRIVATE);
  const codeOf = async (id: string, body: object = {}, headers = {}) => {
    const { status, body: problem } = await sign(id, body, headers);
    return [status, problem.code];
  };
  expect(await codeOf(image.id, {}, OTHER)).toEqual([404, 'not_found']);
  expect(await codeOf(`img_${'0'.repeat(32)}`)).toEqual([404, 'not_found']);
  expect(await codeOf(open.id)).toEqual([409, 'not_signable']);
  expect(await codeOf(failed.id)).toEqual([409, 'not_signable']);
  expect((await sign(failed.id)).body.detail).toMatch(/^The image is `failed`.*`error` says why/);
  expect(await codeOf(image.id, { variant: 'huge' })).toEqual([400, 'invalid_request']);
  expect(await codeOf(image.id, { variant: 'constructor' })).toEqual([400, 'invalid_request']);
  expect(await sign(image.id, { expiresInSeconds: 604_801 })).toMatchObject({
    status: 400,
    body: { detail: 'Field `expiresInSeconds` is not a whole number of seconds from 1 to 604800 (7 days).' },
  });
  expect(await codeOf(image.id, { expiresInSeconds: 604_800 })).toEqual([200, undefined]);
});

test('lets an upload token sign the images that it submitted', async () => {
  const tokenOf = async () => {
    const response = await ask<UploadToken>(stack, '/v1/upload-tokens', { method: 'POST' });
    return { Authorization: `Bearer ${response.body.token}` };
  };
  const [token, other] = [await tokenOf(), await tokenOf()];
  const { id } = (await upload(stack, await photo(), { ...PRIVATE, headers: token })).body;
  await untilFinal(stack, id);
  expect((await sign(id, {}, token)).status).toBe(200);
  expect((await sign(id, {}, other)).status).toBe(404);
});

test('removes the objects of a deleted image, also if Redis lost their keys', async () => {
  const image = await land();
  await ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' });
  await until('the deletion', 30, async () => ((await read(image.id)).status === 'deleted' ? true : null));
  expect(await privateKeys()).not.toEqual(expect.arrayContaining(keysOf(image)));
  expect((await sign(image.id)).body.code).toBe('already_deleted');

  await stack.worker.stop();
  await stack.restartWorker({ ...profiles, PIXDOCK_FAULTPOINT: 'main-stored' });
  const { id } = (await upload(stack, await photo(), PRIVATE)).body;
  await stack.worker.exited;
  const hasObjects = async () => (await privateKeys()).some((key) => key.includes(id.slice(4)));
  expect(await hasObjects()).toBe(true);
  stack.redis.cli('FLUSHALL');
  await stack.restartWorker(profiles);
  await until('the restore', 30, async () => ((await read(id)).id === id ? true : null));
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  await until('the deletion', 60, async () => ((await read(id)).status === 'deleted' ? true : null));
  expect(await hasObjects()).toBe(false);
});

test('keeps private images waiting while their bucket is down, and publishes public ones', async () => {
  await addFault(stack, {
    operation: 'PutObject',
    key: '^private/',
    action: { type: 'error', status: 403, code: 'AccessDenied' },
  });
  const { id } = (await upload(stack, await photo(), PRIVATE)).body;
  await until('lastError', 60, async () => ((await read(id)).lastError === null ? null : true));
  expect((await uploadAndWait(stack, await photo())).status).toBe('published');
  await clearFaults(stack);
  expect((await untilFinal(stack, id, 120)).status).toBe('published');
});

test('reports no URL of a private item, and logs no signed one', async () => {
  const submitted = await submit(
    stack,
    rows(stack.source.url, 2).map((row) => ({ ...row, profile: 'receipts' })),
  );
  await untilFinished(stack, submitted.id);
  const [item] = await itemsOf(stack, submitted.id);
  const { body } = await sign(item?.id ?? '');
  for (const name of ['report.csv', 'report.ndjson']) {
    const report = await fetch(new URL(`/v1/batches/${submitted.id}/${name}`, stack.api.url), {
      headers: { Authorization: 'Bearer key-of-the-owner-acme' },
    });
    const text = await report.text();
    expect(text).toContain(item?.id);
    expect(text).not.toContain('private/');
  }
  expect(stack.api.output()).toContain('/sign');
  expect(stack.api.output() + stack.worker.output()).not.toMatch(
    new RegExp(`x-oss-signature|${new URL(body.url).searchParams.get('x-oss-signature')}`),
  );
});

test('recovers private images and those of a prefix from their bucket, and finds foreign objects there', async () => {
  const image = await land();
  const open = await uploadAndWait(stack, await photo());
  const letter = await uploadAndWait(stack, await photo(), { fields: { profile: 'letters' } });
  const face = await uploadAndWait(stack, await photo(), { fields: { profile: 'faces' } });
  for (const { variants, id } of [letter, face])
    expect(variants['thumb']?.key).toMatch(
      new RegExp(`^(private/mail/letters|af-faces)/${id.slice(4, 6)}/${id.slice(4)}/thumb.webp$`),
    );
  expect(await listKeys(stack)).toEqual(expect.arrayContaining(keysOf(face)));
  expect(await privateKeys()).toEqual(expect.arrayContaining(keysOf(letter)));
  const findings = async (...args: string[]) =>
    (await reconcile(stack, ...args)).found.filter(([, , key]) => key !== undefined);
  expect(await findings()).toEqual([]);
  for (const prefix of ['', 'mail/letters/']) {
    const orphan = `private/${prefix}00/${'0'.repeat(32)}/thumb.webp`;
    await aliClient({ ...stack.oss, bucket: OSS.privateBucket }).put(orphan, Buffer.from('x'));
    expect(await findings('--fix')).toEqual([['orphan-object', `img_${'0'.repeat(32)}`, orphan]]);
    expect(await privateKeys()).not.toContain(orphan);
  }

  await Promise.all([stack.worker.stop(), stack.api.stop()]);
  stack.redis.cli('FLUSHALL');
  await rm(join(stack.dataDir, 'staging'), { recursive: true });
  await stack.restartApi(profiles);
  await stack.restartWorker(profiles);
  // Without a record, the object describes the image.
  for (const { id, url } of [image, letter, face]) {
    const found = await until('the image', 30, async () => {
      const { status, ...rest } = await read(id);
      return status === 'published' ? rest : null;
    });
    expect(found.url).toBe(url);
  }
  const { exit, err } = await runOps(stack, ['recover']);
  expect([exit, err]).toEqual([0, expect.stringContaining(' 0 objects are not Pixdock')]);
  for (const { id, variants } of [image, open, letter, face])
    expect((await read(id)).variants).toEqual(variants);
  const signed = await fetch((await sign(image.id)).body.url);
  expect(signed.status).toBe(200);
  expect(await findings()).toEqual([]);
  await ask(stack, `/v1/images/${face.id}`, { method: 'DELETE' });
  await until('the deletion', 30, async () => ((await read(face.id)).status === 'deleted' ? true : null));
  expect((await listKeys(stack)).filter((key) => key.startsWith('af-faces/'))).toEqual([]);
});

test('signs for a CDN, which refuses other and expired URLs', async () => {
  const image = await land();
  const auth = { key: 'aliyuncdnexp1234', ttlSeconds: 1800 };
  await using cdn = await startCdn({ ...stack.oss, bucket: OSS.privateBucket }, auth);
  await stack.api.stop();
  await stack.restartApi({ ...profiles, CDN_AUTH_KEY: auth.key, CDN_AUTH_DOMAIN: cdn.url });
  const before = Date.now();
  const { body } = await sign(image.id, { variant: 'thumb', expiresInSeconds: 60 });
  expect(body.url).toMatch(
    new RegExp(`^${cdn.url}/${image.variants['thumb']?.key}\\?auth_key=\\d{10}-[0-9a-f]{32}-0-[0-9a-f]{32}$`),
  );
  const lifetimeMs = Date.parse(body.expiresAt) - before;
  expect(lifetimeMs > 58_000 && lifetimeMs <= 61_000).toBe(true);
  const picture = await fetch(body.url);
  expect(hash('md5', Buffer.from(await picture.arrayBuffer()))).toBe(image.variants['thumb']?.etag);
  const main = body.url.replace('thumb.webp', 'main.jpg');
  expect((await fetch(main)).status).toBe(403);
  const brief = (await sign(image.id, { expiresInSeconds: 1 })).body;
  await until('the URL to expire', 10, async () => ((await fetch(brief.url)).status === 403 ? true : null));
  expect(Date.now()).toBeGreaterThan(Date.parse(brief.expiresAt) - 1000);
  expect(stack.api.output()).not.toContain('auth_key');
  await stack.api.stop();
  await stack.restartApi(profiles);
});

test('does not start with a private profile but without a bucket for it', async () => {
  for (const service of ['api', 'worker'] as const) {
    const message = await startError(service, { ...stack.env, ...profiles, ALIYUN_OSS_PRIVATE_BUCKET: '' });
    expect(message).toMatch(/ALIYUN_OSS_PRIVATE_BUCKET.*receipts/);
  }
});
