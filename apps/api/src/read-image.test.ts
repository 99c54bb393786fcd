import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PixdockError } from '@pixdock/contract/error';
import { type FaultFacts, StorageFault } from '@pixdock/object-store/types';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { objectKey } from '@pixdock/shared/state/object-key';
import { toObjectMeta } from '@pixdock/shared/state/object-meta';
import { METADATA_KEY, NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from './deps.js';
import { openReadLimits } from './limits/read-limits.js';
import { openSharedCounts, type SharedCounts } from './limits/shared-counts.js';
import { readImage } from './read-image.js';

const readLimits = openReadLimits(() => false, stub<SharedCounts>({}));

/** Reads an image without a record or an entry; every HEAD fails with these facts. */
function read(facts: Partial<FaultFacts>) {
  const fault = new StorageFault('head', {
    kind: 'configuration',
    code: 'AccessDenied',
    status: 403,
    requestId: 'from-oss',
    ecCode: null,
    retryAfterMs: null,
    fix: { en: '', zh: '' },
    ...facts,
  });
  const parts = stub<ApiDeps>({
    readLimits,
    images: { inRedis: async () => null, get: async () => null },
    store: { head: () => Promise.reject(fault) },
    config: { store: { prefix: '', prefixes: [''] } },
  });
  return readImage(parts, testRecord().id, 'acme');
}

test.each<[string, Partial<FaultFacts>]>([
  ['AccessDenied', {}],
  ['a 403 without a code', { code: 'HTTP403' }],
])('reports not_found after %s, which OSS sends for missing objects', async (_, facts) => {
  await expect(read(facts)).rejects.toMatchObject({ code: 'not_found' });
});

test.each<[string, Partial<FaultFacts>]>([
  ['an unknown access key id', { code: 'InvalidAccessKeyId' }],
  ['an expired token', { code: 'SecurityTokenExpired' }],
  ['a wrong secret', { code: 'SignatureDoesNotMatch' }],
  ['a suspended account', { code: 'UserDisable' }],
  ['no such bucket', { code: 'NoSuchBucket', status: 404 }],
  ['a certificate', { code: 'CERT_HAS_EXPIRED', status: null, requestId: null }],
  ['a signature refused without a code', { code: 'HTTP403', ecCode: '0002-00000902' }],
  ["a proxy's 403", { code: 'HTTP403', requestId: null }],
  ['a network fault', { kind: 'transient', code: 'ECONNRESET', status: null }],
])('reports overloaded after %s, which says nothing about the object', async (_, facts) => {
  await expect(read(facts)).rejects.toMatchObject({ code: 'overloaded', facts: { status: 503 } });
});

test.each([
  ['a key that is not configured', NEXT_METADATA_KEY],
  ['another value of the key', NEXT_METADATA_KEY.replace('next:', 'test:')],
])('reports overloaded, not an absent image, for metadata that was sealed with %s', async (_, setting) => {
  const record = testRecord({ owner: 'bob' });
  const main = objectKey('', record.id, 'main', 'webp');
  const stored = {
    url: '',
    key: main,
    width: 1,
    height: 1,
    bytes: 1,
    mediaType: 'image/webp',
    etag: 'e'.repeat(32),
  };
  const size = { width: 1, height: 1, frames: 1 };
  const metadata = toObjectMeta(testMetadataKeys(), record, size, { main: stored }, 'v');
  const readWith = (metadataKeys: string, owner: string) =>
    readImage(
      stub<ApiDeps>({
        readLimits: openReadLimits(() => false, stub<SharedCounts>({})),
        images: { inRedis: async () => null, get: async () => null, ofObject: async (image) => image },
        store: { head: async (key: string) => (key === main ? { metadata } : null), publicUrl: String },
        config: { metadataKeys: testMetadataKeys(metadataKeys), store: { prefix: '', prefixes: [''] } },
      }),
      record.id,
      owner,
    );
  expect(await readWith(METADATA_KEY, 'bob')).toMatchObject({ id: record.id, owner: 'bob' });
  await expect(readWith(METADATA_KEY, 'alice')).rejects.toMatchObject({ code: 'not_found' });
  for (const owner of ['bob', 'alice']) {
    const refused = await readWith(setting, owner).then(
      () => null,
      (error: PixdockError) => error,
    );
    expect(refused).toMatchObject({ code: 'overloaded', detail: { reason: 'metadata-sealed' } });
    expect(String(refused?.cause)).toContain(`${main}, which was sealed with key test`);
  }
});

/** Parts in which every HEAD takes one turn and finds nothing. One image of bob has a record. */
function openStoreOfBob() {
  const theirs = testRecord({ owner: 'bob' });
  let heads = 0;
  const parts = stub<ApiDeps>({
    readLimits: openReadLimits(() => true, openSharedCounts(stub<RedisConnection>({}), '')),
    images: {
      inRedis: async (id) => (id === theirs.id ? theirs : null),
      get: async () => null,
    },
    store: {
      async head() {
        heads++;
        await nextTurn();
        return null;
      },
    },
    config: { store: { prefix: '', prefixes: [''] } },
  });
  /** Errors of `count` concurrent reads, including one of the image of bob. */
  const readMany = async (owner: string, count: number) => {
    const ids = Array.from({ length: count }, (_, i) => (i === 0 ? theirs.id : testRecord().id));
    const ended = await Promise.allSettled(ids.map((id) => readImage(parts, id, owner)));
    return ended.map((result) => (result.status === 'rejected' ? (result.reason as PixdockError) : null));
  };
  return { theirs, parts, readMany, heads: () => heads };
}

test.each([
  ['one key in each', [''], 1],
  ['with many prefixes eight keys in each', ['', 'a/', 'b/', 'c/', 'd/', 'e/', 'f/', 'g/'], 8],
])('asks for an unknown id in five turns of the event loop, %s', async (_, prefixes, inEach) => {
  let turn = 0;
  const turns: number[] = [];
  const parts = stub<ApiDeps>({
    readLimits,
    images: { inRedis: async () => null, get: async () => null },
    store: {
      async head() {
        turns.push(turn);
        return null;
      },
    },
    config: { store: { prefix: '', prefixes } },
  });
  const reading = readImage(parts, testRecord().id, 'acme').catch((error: PixdockError) => error.code);
  for (; turn < 20; turn++) await nextTurn();
  expect(await reading).toBe('not_found');
  const counts = [...Map.groupBy(turns, (one) => one).values()].map((ofTurn) => ofTurn.length);
  expect(counts).toEqual(Array(5).fill(inEach));
});

test('refuses an owner that reads many unknown ids, without asking OSS', async () => {
  const { theirs, parts, readMany, heads } = openStoreOfBob();
  const refusals: PixdockError[] = [];
  for (let i = 0; i < 50; i++)
    for (const error of await readMany('alice', 20)) if (error?.code === 'rate_limited') refusals.push(error);
  expect(heads()).toBeLessThanOrEqual(100 * 5);
  expect(refusals.length).toBe(50 * 20 - 100);
  // Others may be refused because two look-ups are running.
  const last = refusals.at(-1);
  expect(last?.message).toContain('100 images per 10 seconds');
  expect(last?.retryAfterSeconds).toBeGreaterThanOrEqual(1);
  expect(last?.retryAfterSeconds).toBeLessThanOrEqual(10);
  // Other owners are not refused.
  expect((await readMany('carol', 5)).map((error) => error?.code)).toEqual(Array(5).fill('not_found'));
  expect(await readImage(parts, theirs.id, 'bob')).toBe(theirs);
});

test("counts another owner's image like an unknown one", async () => {
  const { theirs, parts, heads } = openStoreOfBob();
  await expect(readImage(parts, theirs.id, 'alice')).rejects.toMatchObject({ code: 'not_found' });
  const asked = heads();
  await expect(readImage(parts, testRecord().id, 'alice')).rejects.toMatchObject({ code: 'not_found' });
  expect(heads()).toBe(2 * asked);
  for (let i = 0; i < 98; i++) await readImage(parts, theirs.id, 'alice').catch(() => {});
  for (const id of [theirs.id, testRecord().id])
    await expect(readImage(parts, id, 'alice')).rejects.toMatchObject({ code: 'rate_limited' });
});
