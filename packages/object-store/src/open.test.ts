import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoreSettings } from './settings.js';
import { SECRET } from './testing/start-oss.js';
import { faultOf, openStoreOnOss, sampleObject, staticKey } from './testing/store-on-oss.js';

/** More than by default. */
const AT_A_TIME = 80;
/** How long a call may take where OSS hangs; on a busy machine, one that does not hang takes up to a second. */
const HANG_MS = 1500;

describe.each(['virtual', 'cname', 'path'] as const)('%s addressing', (addressing) => {
  it('puts, heads and removes', async () => {
    const { store } = await openStoreOnOss({ addressing });
    const object = sampleObject();

    expect(await store.head(object.key)).toBeNull();
    expect(await store.put(object)).toEqual({ outcome: 'stored', etag: object.md5 });
    expect(await store.head(object.key)).toEqual({
      etag: object.md5,
      bytes: object.body.length,
      contentType: 'image/jpeg',
      metadata: object.metadata,
      lastModified: expect.any(Date),
    });
    expect(await store.put(object)).toEqual({ outcome: 'exists' });
    await store.remove(object.key);
    expect(await store.head(object.key)).toBeNull();
    await store.remove(object.key);
  });
});

describe('private bucket', () => {
  const key = 'private/5f/5f0c/main.jpg';
  const withPrivateBucket = (over: Partial<StoreSettings> = {}) =>
    openStoreOnOss(
      (port) => ({
        privateBucket: {
          bucket: 'lab-secrets',
          endpoint: `http://localhost:${port}`,
          fileDomain: `http://localhost:${port}/lab-secrets`,
        },
        ...over,
      }),
      { privateBuckets: ['lab-secrets'] },
    );

  it('stores the keys under private/, which only a signed URL can read', async () => {
    const { store, server } = await withPrivateBucket();
    const object = sampleObject({ key });
    await store.put(object);
    await store.put(sampleObject());
    const keysBelow = async (prefix: string) => {
      const keys: string[] = [];
      for await (const listed of store.list(prefix)) keys.push(listed.key);
      return keys;
    };
    expect([await keysBelow(''), await keysBelow('private/')]).toEqual([[sampleObject().key], [key]]);
    expect(store.publicUrl(key)).toBeNull();
    const plain = `${server.endpoint}/lab-secrets/${key}`;
    expect((await fetch(plain)).status).toBe(403);
    const { url, expiresAt } = await store.sign(key, 60);
    expect(url.startsWith(`${plain}?`)).toBe(true);
    const response = await fetch(url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(object.body);
    const seconds = (expiresAt.getTime() - Date.now()) / 1000;
    expect(seconds > 57 && seconds <= 60).toBe(true);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    await store.remove(key);
    expect(await store.head(key)).toBeNull();
  });

  it('signs for the minutes that a temporary key surely lives', async () => {
    const { store } = await withPrivateBucket({ credentials: staticKey({ securityToken: 'token' }) });
    const { url, expiresAt } = await store.sign(key, 3600);
    expect(new URL(url).searchParams.get('x-oss-expires')).toBe('840');
    expect(new URL(url).searchParams.get('x-oss-security-token')).toBe('token');
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(840_000);
  });

  it('causes a fault when its setting is removed, so that no deletion leaves objects behind', async () => {
    const { store } = await openStoreOnOss();
    const { facts } = await faultOf(store.remove(key));
    expect(facts).toMatchObject({ kind: 'configuration', code: 'NoPrivateBucket' });
    expect(facts.fix.en).toContain('ALIYUN_OSS_PRIVATE_BUCKET');
  });
});

it('serves path style at an IP address', async () => {
  const { store, server } = await openStoreOnOss();
  const byAddress = await openStoreOnOss({ endpoint: `http://127.0.0.1:${server.port}` });
  const object = sampleObject();
  await byAddress.store.put(object);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

it('publishes with the headers that browsers and caches need', async () => {
  const { store } = await openStoreOnOss();
  const object = sampleObject();
  await store.put(object);
  const response = await fetch(store.publicUrl(object.key) ?? '');
  expect(response.headers.get('content-type')).toBe('image/jpeg');
  expect(response.headers.get('cache-control')).toBe(object.cacheControl);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(object.body);
});

it('has OSS check the bytes of a put against their MD5', async () => {
  const { store } = await openStoreOnOss();
  const { md5 } = sampleObject({ body: Buffer.from('other bytes') });
  const object = sampleObject({ md5 });
  expect(await faultOf(store.put(object))).toMatchObject({ facts: { code: 'InvalidDigest' } });
  expect(await store.head(object.key)).toBe(null);
});

it('stores empty and large bodies', async () => {
  const { store } = await openStoreOnOss();
  for (const bytes of [0, 20 * 1024 * 1024]) {
    const object = sampleObject({ key: `a/${bytes}.bin`, body: Buffer.alloc(bytes, 7) });
    expect(await store.put(object)).toEqual({ outcome: 'stored', etag: object.md5 });
    expect(await store.head(object.key)).toMatchObject({ bytes, etag: object.md5 });
  }
});

it('does not mix up concurrent puts', async () => {
  const { store } = await openStoreOnOss();
  const objects = Array.from({ length: 100 }, (_, n) =>
    sampleObject({ key: `a/${n}.jpg`, body: Buffer.from(`#${n}`) }),
  );
  const outcomes = await Promise.all(objects.map((object) => store.put(object)));
  expect(outcomes).toEqual(objects.map(({ md5 }) => ({ outcome: 'stored', etag: md5 })));
});

it('sends as many requests at a time as the caller wants', async () => {
  const waiting: ServerResponse[] = [];
  const patient = createServer((_request, response) => {
    response.statusCode = 204;
    if (waiting.push(response) >= AT_A_TIME) for (const one of waiting) one.end();
  });
  onTestFinished(() => void patient.close());
  await new Promise<void>((listening) => patient.listen(0, '127.0.0.1', listening));
  const address = patient.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { store } = await openStoreOnOss({ endpoint: `http://localhost:${port}` }, {}, 10_000, AT_A_TIME);
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, n) => store.remove(`a/${n}.jpg`)));
  expect(waiting).toHaveLength(AT_A_TIME);
});

describe('failing service', () => {
  it.each([
    ['500', { type: 'error', status: 500, code: 'InternalError' }],
    ['an empty 503', { type: 'empty', status: 503 }],
    ['HTML 502', { type: 'html', status: 502 }],
    ['HTML 200', { type: 'html', status: 200 }],
    ['400 RequestTimeout', { type: 'error', status: 400, code: 'RequestTimeout' }],
    ['400 InvalidDigest', { type: 'error', status: 400, code: 'InvalidDigest' }],
    ['reset', { type: 'reset' }],
    ['hang', { type: 'hang' }],
  ])('retries after %s', async (_name, action) => {
    const { store, fault, notices } = await openStoreOnOss({}, {}, HANG_MS);
    await fault({ operation: 'PutObject', count: 1, action });
    const object = sampleObject();
    expect(await store.put(object)).toEqual({ outcome: 'stored', etag: object.md5 });
    expect(notices).toMatchObject([{ notice: 'retry', operation: 'put', attempt: 1 }]);
  });

  it.each([{ type: 'reset' }, { type: 'hang' }])(
    'reports exists after $type behind the commit',
    async (action) => {
      const { store, fault } = await openStoreOnOss({}, {}, HANG_MS);
      await fault({ operation: 'PutObject', count: 1, when: 'after', action });
      const object = sampleObject();
      expect(await store.put(object)).toEqual({ outcome: 'exists' });
      expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
    },
  );

  it('gives up after four tries', async () => {
    const { store, fault, faultRules } = await openStoreOnOss();
    await fault({ action: { type: 'error', status: 500, code: 'InternalError' } });
    const { operation, facts } = await faultOf(store.head('a/b.jpg'));
    expect(operation).toBe('head');
    expect(facts).toMatchObject({ kind: 'transient', code: 'InternalError', status: 500 });
    expect(facts.requestId).toMatch(/\w+/);
    expect(await faultRules()).toMatchObject({ rules: [{ fired: 4 }] });
  });

  it('waits as long as OSS asks when throttled', async () => {
    const { store, fault, notices } = await openStoreOnOss();
    await fault({ operation: 'PutObject', count: 1, action: { type: 'throttle', delayMs: 250 } });
    const startedAt = Date.now();
    await store.put(sampleObject());
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(249);
    expect(notices).toMatchObject([{ facts: { kind: 'throttled', retryAfterMs: 250 } }]);
  });

  it('leaves a long wait to the caller', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'throttle', delayMs: 60_000 } });
    const { facts } = await faultOf(store.put(sampleObject()));
    expect(facts).toMatchObject({ kind: 'throttled', code: 'TotalQpsLimitExceeded', retryAfterMs: 60_000 });
  });

  it('reports a hanging call as a timeout', async () => {
    const { store, fault } = await openStoreOnOss({}, {}, 200);
    await fault({ action: { type: 'hang' } });
    const { facts } = await faultOf(store.remove('a/b.jpg'));
    expect(facts).toMatchObject({ kind: 'transient', code: 'ResponseTimeoutError', status: null });
  });

  it('reports a put that gets no response, even if a retry succeeds', async () => {
    const { store, fault } = await openStoreOnOss({}, {}, HANG_MS);
    let unanswered = 0;
    const put = () => store.put(sampleObject(), undefined, () => unanswered++);
    await fault({ count: 1, action: { type: 'error', status: 500, code: 'InternalError' } });
    await put();
    expect(unanswered).toBe(0);
    await fault({ count: 1, action: { type: 'hang' } });
    await put();
    expect(unanswered).toBe(1);
  });

  it('reports ECONNREFUSED for a closed port', async () => {
    const { store } = await openStoreOnOss({ endpoint: 'http://localhost:1' });
    expect((await faultOf(store.put(sampleObject()))).facts).toMatchObject({
      kind: 'transient',
      code: 'ECONNREFUSED',
    });
  });

  it('counts an object with a failed callback as stored', async () => {
    const { store, fault, notices } = await openStoreOnOss();
    await fault({ operation: 'PutObject', action: { type: 'callback-failed' } });
    const object = sampleObject();
    expect(await store.put(object)).toEqual({ outcome: 'stored', etag: object.md5 });
    expect(notices).toEqual([{ notice: 'callback-failed', key: object.key }]);
    expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
  });

  it('returns the ETag of OSS, right or wrong', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ operation: 'PutObject', action: { type: 'wrong-etag' } });
    expect(await store.put(sampleObject())).toEqual({ outcome: 'stored', etag: '0'.repeat(32) });
  });
});

describe('wrong settings', () => {
  it.each([
    ['secret', { credentials: staticKey({ accessKeySecret: 'other' }) }, 'SignatureDoesNotMatch'],
    ['key id', { credentials: staticKey({ accessKeyId: 'LTAIother' }) }, 'InvalidAccessKeyId'],
    ['bucket', { bucket: 'no-such-bucket' }, 'NoSuchBucket'],
  ])('reports a configuration fault without retries: %s', async (_name, settings, code) => {
    const { store, notices } = await openStoreOnOss(settings);
    const calls = [
      () => store.put(sampleObject()),
      () => store.head('a/b.jpg'),
      () => store.remove('a/b.jpg'),
    ];
    for (const call of calls)
      expect((await faultOf(call())).facts).toMatchObject({ kind: 'configuration', code });
    expect(notices).toEqual([]);
  });

  it('reports a wrong region as a configuration fault', async () => {
    const { store } = await openStoreOnOss({ region: 'cn-beijing' });
    const { facts } = await faultOf(store.put(sampleObject()));
    expect(facts.kind).toBe('configuration');
    expect(facts.fix.en).toContain('ALIYUN_OSS_REGION is not the region of the bucket');
  });

  it('accepts a valid STS token and rejects an expired one', async () => {
    const securityToken = 'CAIS-token';
    const { store, fault } = await openStoreOnOss(
      { credentials: staticKey({ securityToken }) },
      { securityToken },
    );
    expect(await store.put(sampleObject())).toMatchObject({ outcome: 'stored' });
    await fault({ action: { type: 'error', status: 403, code: 'SecurityTokenExpired' } });
    expect((await faultOf(store.head('a/b'))).facts).toMatchObject({
      kind: 'configuration',
      code: 'SecurityTokenExpired',
    });
  });

  it('names the missing RAM action', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'error', status: 403, code: 'AccessDenied' } });
    expect((await faultOf(store.put(sampleObject()))).facts.fix.en).toContain('oss:PutObject');
    expect((await faultOf(store.head('a/b'))).facts.fix.zh).toContain('oss:GetObject');
    expect((await faultOf(store.remove('a/b'))).facts.fix.en).toContain('oss:DeleteObject');
  });

  it('does not report the 404 of a missing bucket as a missing object', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'error', status: 404, code: 'NoSuchBucket' } });
    expect((await faultOf(store.head('a/b'))).facts).toMatchObject({
      kind: 'configuration',
      code: 'NoSuchBucket',
    });
  });
});

describe('clock', () => {
  it.each([-3600_000, 3600_000])(
    'corrects a skew of %i ms from the Date of the response',
    async (offsetMs) => {
      const { store, notices } = await openStoreOnOss({}, { now: () => Date.now() + offsetMs });
      expect(await store.put(sampleObject())).toMatchObject({ outcome: 'stored' });
      expect(notices).toMatchObject([{ notice: 'clock-corrected' }, { notice: 'retry' }]);
      await store.remove(sampleObject().key);
      expect(notices).toHaveLength(2);
    },
  );

  it('reports a configuration fault when the correction does not help', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'error', status: 403, code: 'RequestTimeTooSkewed' } });
    expect((await faultOf(store.put(sampleObject()))).facts).toMatchObject({
      kind: 'configuration',
      code: 'RequestTimeTooSkewed',
    });
  });
});

describe('abort', () => {
  it('ends a hanging call immediately with its reason', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'hang' } });
    const controller = new AbortController();
    const reason = new Error('lost the image');
    let unanswered = 0;
    const call = store.put(sampleObject(), controller.signal, () => unanswered++);
    setTimeout(() => controller.abort(reason), 50);
    const startedAt = Date.now();
    await expect(call).rejects.toBe(reason);
    expect(Date.now() - startedAt).toBeLessThan(200);
    expect(unanswered).toBe(1);
  });

  it('closes the connection', async () => {
    const controller = new AbortController();
    const reason = new Error('lost the image');
    let cutSeen = () => {};
    const cut = new Promise<void>((resolve) => {
      cutSeen = resolve;
    });
    const hanging = createServer((request) => {
      request.on('close', cutSeen);
      controller.abort(reason);
    });
    onTestFinished(() => void hanging.close());
    await new Promise<void>((listening) => hanging.listen(0, '127.0.0.1', listening));
    const address = hanging.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { store } = await openStoreOnOss({ endpoint: `http://localhost:${port}` });

    await expect(store.put(sampleObject(), controller.signal)).rejects.toBe(reason);
    await cut;
  });

  it('ends a pause between tries', async () => {
    const { store, fault } = await openStoreOnOss();
    await fault({ action: { type: 'throttle', delayMs: 299 } });
    const signal = AbortSignal.timeout(50);
    await expect(store.head('a/b', signal)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('sends nothing if it is already aborted', async () => {
    const { store, faultRules, fault } = await openStoreOnOss();
    await fault({ nth: 100, action: { type: 'reset' } });
    await expect(store.put(sampleObject(), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await faultRules()).toMatchObject({ rules: [{ matched: 0 }] });
  });
});

describe('StorageFault', () => {
  it('contains no body and no secret', async () => {
    const securityToken = 'CAIS-token-of-sts';
    const { store, fault } = await openStoreOnOss(
      { credentials: staticKey({ securityToken }) },
      { securityToken },
    );
    await fault({ action: { type: 'error', status: 400, code: 'InvalidArgument' } });
    const fault400 = await faultOf(store.put(sampleObject({ body: Buffer.alloc(1024 * 1024, 'body') })));
    const all = JSON.stringify(fault400) + String(fault400.stack) + JSON.stringify(fault400.cause ?? null);
    expect(all.length).toBeLessThan(4000);
    for (const secret of [SECRET, securityToken, 'LTAIdev', 'Signature=', 'bodybody'])
      expect(all).not.toContain(secret);
  });

  it.each([
    { key: '/a/b' },
    { key: 'a/../b' },
    { key: 'a//b' },
    { key: '' },
    { metadata: { name: '图' } },
    { metadata: { 'na me': 'x' } },
    { contentType: 'image/图' },
  ])('rejects an object that OSS does not accept: %o', async (over) => {
    const { store } = await openStoreOnOss();
    expect((await faultOf(store.put(sampleObject(over)))).facts.kind).toBe('rejected');
  });
});
