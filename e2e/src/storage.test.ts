import { unabbreviate } from '@pixdock/shared/state/images/abbreviate';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults, expectOwned, listKeys } from './harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { staged } from './harness/leftovers.js';
import { photo } from './harness/pictures.js';
import { type Stack, startStack } from './harness/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => clearFaults(stack));
afterAll(() => stack.stop());

interface Readiness {
  storage: string;
  storageTrouble?: { code: string; fix: string };
}
const readiness = (language = 'en') =>
  ask<Readiness>(stack, '/readyz', { headers: { 'Accept-Language': language } });

const untilStorageIs = (state: string) =>
  until(`storage to be ${state}`, 60, async () => {
    const { status, body } = await readiness();
    return status === 200 && body.storage === state ? body : null;
  });

test('treats a put whose response is lost after the object is stored as success, with one object', async () => {
  await addFault(stack, { operation: 'PutObject', count: 2, when: 'after', action: { type: 'reset' } });
  const image = await uploadAndWait(stack, await photo());
  expect(image.status).toBe('published');
  expect((await listKeys(stack)).filter((key) => key.includes(image.id.slice(4)))).toHaveLength(2);
});

test('notices stored bytes that differ from those sent, and puts them again', async () => {
  await addFault(stack, { operation: 'PutObject', count: 1, action: { type: 'wrong-etag' } });
  expect((await uploadAndWait(stack, await photo())).status).toBe('published');

  // When every put stores wrong bytes, the image fails and leaves nothing behind.
  await addFault(stack, { operation: 'PutObject', action: { type: 'wrong-etag' } });
  const image = await uploadAndWait(stack, await photo());
  expect(image).toMatchObject({ status: 'failed', error: { code: 'storage_conflict' } });
  expect((await listKeys(stack)).filter((key) => key.includes(image.id.slice(4)))).toEqual([]);
});

test('replaces a leftover object of an earlier run', async () => {
  await addFault(stack, {
    operation: 'PutObject',
    action: { type: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  const { body } = await upload(stack, await photo());
  await untilStorageIs('degraded');
  const key = await until('the key to be noted', 10, async () => {
    const document = JSON.parse(
      unabbreviate(stack.redis.cli('HGET', `{pixdock}:image:${body.id}`, 'doc')) ?? '',
    );
    return ((document.internal.keys ?? []) as string[]).find((noted) => noted.includes('main')) ?? null;
  });
  await clearFaults(stack);
  const { aliClient } = await import('@pixdock/oss-dev/testing/ali-client');
  await aliClient(stack.oss).put(key, Buffer.from('a leftover'));
  const image = await untilFinal(stack, body.id, 90);
  expect(image.status).toBe('published');
  const published = Buffer.from(await (await fetch(image.url ?? '')).arrayBuffer());
  expect(published.length).toBe(image.variants.main?.bytes);
});

test('corrects a clock that is 16 minutes off by the time of OSS', async () => {
  await addFault(stack, { action: { type: 'clock', offsetMs: 16 * 60_000 } });
  const image = await uploadAndWait(stack, await photo());
  expect(image).toMatchObject({ status: 'published', attempts: 1 });
  expect((await ask(stack, '/readyz')).body).toMatchObject({ storage: 'ok' });
  expect(stack.worker.output()).toContain('clock-corrected');
});

test('fails only the image whose object OSS refuses', async () => {
  await addFault(stack, {
    operation: 'PutObject',
    key: '/main',
    count: 1,
    action: { type: 'error', status: 400, code: 'EntityTooLarge' },
  });
  const refused = await uploadAndWait(stack, await photo());
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'storage_denied' } });
  expect((await ask(stack, '/readyz')).body).toMatchObject({ storage: 'ok' });
  expect((await uploadAndWait(stack, await photo())).status).toBe('published');
  await expectOwned(stack);
});

const error = (status: number, code: string) => ({ type: 'error', status, code });

test.each([
  ['an outage', error(500, 'InternalError'), /status of Alibaba Cloud/],
  ['throttling', { type: 'throttle', delayMs: 300 }, /fewer requests/],
  ['too many requests', error(429, 'TooManyRequests'), /fewer requests/],
  ['resets', { type: 'reset' }, /network to ALIYUN_OSS_ENDPOINT/],
  ['truncated responses', { type: 'cut', status: 500 }, /network to ALIYUN_OSS_ENDPOINT/],
  ['a login page instead of OSS', { type: 'html', status: 200 }, /not from OSS/],
  ['a wrong key', error(403, 'InvalidAccessKeyId'), /ALIBABA_CLOUD_ACCESS_KEY_ID/],
  ['a wrong secret', error(403, 'SignatureDoesNotMatch'), /ALIBABA_CLOUD_ACCESS_KEY_SECRET/],
  ['an expired token', error(403, 'SecurityTokenExpired'), /ALIBABA_CLOUD_SECURITY_TOKEN/],
  ['a clock that cannot be corrected', error(403, 'RequestTimeTooSkewed'), /time synchronisation/],
  ['a missing bucket', error(404, 'NoSuchBucket'), /ALIYUN_OSS_BUCKET/],
])(
  'keeps images queued and /readyz degraded during %s, and recovers without decoding again',
  async (_, action, fix) => {
    await addFault(stack, { operation: 'PutObject', action });
    const { body } = await upload(stack, await photo());
    const trouble = await untilStorageIs('degraded');
    expect(trouble.storageTrouble?.fix).toMatch(fix);
    expect((await readiness('zh')).body.storageTrouble?.fix).toMatch(/\p{Script=Han}/u);
    const held = await until('the image to wait', 20, async () => {
      const { body: now } = await ask(stack, `/v1/images/${body.id}`);
      return now.status === 'queued' && now.attempts >= 1 ? now : null;
    });
    expect(held.error).toBeNull();
    expect(held.lastError?.detail).toContain('continues by itself');
    await clearFaults(stack);
    const image = await untilFinal(stack, body.id, 90);
    expect(image.status).toBe('published');
    const decodes = image.timeline.filter(({ stage }) => stage === 'normalizing');
    expect(decodes).toHaveLength(1);
    await untilStorageIs('ok');
  },
);

test('fails an image after STORAGE_GIVE_UP, keeps its source, and publishes it on a retry', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ STORAGE_GIVE_UP: '2s' });
  await addFault(stack, {
    operation: 'PutObject',
    action: { type: 'error', status: 403, code: 'AccessDenied' },
  });
  const { body } = await upload(stack, await photo());
  const failed = await untilFinal(stack, body.id, 60);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'storage_denied', retryable: true } });
  expect(await staged(stack)).toContain(body.id);
  await clearFaults(stack);
  // The last upload may have been refused less than 2 s ago.
  await stack.worker.stop();
  await stack.restartWorker();
  expect((await ask(stack, `/v1/images/${body.id}/retry`, { method: 'POST' })).status).toBe(202);
  expect((await untilFinal(stack, body.id, 60)).status).toBe('published');
});
