import { openStagingBucket } from '@pixdock/object-store/staging-bucket';
import { staticKey } from '@pixdock/object-store/testing/store-on-oss';
import { describe, expect, it } from 'vitest';
import { startLab, startProxy } from '../testing/run-doctor.js';

const STAGING_URL = 'oss://lab-staging/pixdock';
const ALL_OK = {
  'staging-bucket': 'ok',
  'staging-objects': 'ok',
  'staging-race': 'ok',
  'staging-delete': 'ok',
};
const NOT_TRIED = { 'staging-objects': 'skipped', 'staging-race': 'skipped', 'staging-delete': 'skipped' };
const DENIED = { type: 'error', status: 403, code: 'AccessDenied' };

type Options = Parameters<typeof startLab>[0];

/** Starts a local OSS with the bucket `lab-staging`. */
async function startStagingLab(options: Options = {}) {
  const stored: string[] = [];
  const lab = await startLab({
    privateBuckets: ['lab-staging'],
    onStored: ({ bucket, key }) => {
      if (bucket === 'lab-staging') stored.push(key);
    },
    ...options,
  });
  return {
    ...lab,
    /** The keys in the bucket, in the order in which they were stored. */
    stored,
    /** Runs the doctor. Of its steps, this has those of the bucket of staging. */
    async doctor(over: Record<string, string> = {}) {
      const { exit, report, faults, statuses } = await lab.doctor({ STAGING_URL, ...over });
      const own = (values: Record<string, string>) =>
        Object.fromEntries(Object.entries(values).filter(([step]) => step.startsWith('staging-')));
      return {
        exit,
        faults: own(faults),
        statuses: own(statuses),
        staging: statuses.staging,
        step: (name: string) => report.steps.find(({ step }) => step === name),
      };
    },
    async remaining() {
      const bucket = openStagingBucket({
        endpoint: lab.server.endpoint,
        region: 'cn-hangzhou',
        bucket: 'lab-staging',
        addressing: 'path',
        prefix: '',
        credentials: staticKey(),
      });
      const keys: string[] = [];
      for await (const { key } of bucket.list('')) keys.push(key);
      bucket.stop();
      return keys;
    },
  };
}

it.each([
  ['virtual', STAGING_URL, /^pixdock\/doctor\/[0-9a-f]{32}\/\w+$/],
  ['path', 'oss://lab-staging', /^doctor\/[0-9a-f]{32}\/\w+$/],
])('stores objects below the prefix and deletes them, in %s style', async (style, url, keys) => {
  const { doctor, stored, remaining } = await startStagingLab();
  const { statuses } = await doctor({ STAGING_URL: url, ALIYUN_OSS_ADDRESSING: style });
  expect(statuses).toEqual(ALL_OK);
  expect(stored).toHaveLength(11);
  for (const key of stored) expect(key).toMatch(keys);
  expect(await remaining()).toEqual([]);
});

it('prints the medians in both languages', async () => {
  const { ops } = await startStagingLab();
  const { out } = await ops(['doctor'], { STAGING_URL });
  expect(out).toMatch(/^✓ staging-bucket  lab-staging: ACL private, no versioning \(\d+ ms\)$/m);
  expect(out).toMatch(
    /^✓ staging-objects put \d+ ms, get \d+ ms, list \d+ ms \(medians of 10\); listings show /m,
  );
  expect(out).toMatch(/^✓ staging-race    of 20 racing puts OSS stored one .*; median \d+ ms \(\d+ ms\)$/m);
  expect(out).toMatch(/^✓ staging-delete  deleted oss:\/\/lab-staging\/pixdock\/doctor\/[0-9a-f]{32}\/ \(/m);
  expect(out).toMatch(/^✓ put             stored /m);
  const chinese = await ops(['doctor'], { STAGING_URL, LANG: 'zh_CN.UTF-8' });
  expect(chinese.out).toMatch(/写入 \d+ ms，读取 \d+ ms，列举 \d+ ms（10 次的中位数）/);
  expect(chinese.out).toMatch(/20 个并发写入中，OSS 只接受了一个，拒绝了其余；中位数 \d+ ms/);
});

it('does nothing for staging in a folder', async () => {
  const { doctor } = await startStagingLab();
  expect((await doctor({ STAGING_URL: '' })).statuses).toEqual({});
});

describe('settings of the bucket', () => {
  it.each<[name: string, options: Options, code: string, evidence: string]>([
    ['is missing', { privateBuckets: [] }, 'NoStagingBucket', 'lab-staging'],
    ['has versioning', { versioning: { 'lab-staging': 'Enabled' } }, 'VersionedBucket', 'Enabled'],
    ['had versioning', { versioning: { 'lab-staging': 'Suspended' } }, 'VersionedBucket', 'Suspended'],
    [
      'is public',
      { buckets: ['lab-bucket', 'lab-staging'], privateBuckets: [] },
      'StagingNotPrivate',
      'public-read',
    ],
  ])('reports a bucket that %s, and stores nothing', async (_name, options, code, evidence) => {
    const { doctor, stored } = await startStagingLab(options);
    const { exit, faults, statuses, staging, step } = await doctor();
    expect([exit, faults, staging]).toEqual([1, { 'staging-bucket': code }, 'skipped']);
    expect(statuses).toMatchObject(NOT_TRIED);
    expect(step('staging-bucket')).toMatchObject({ detail: expect.stringMatching(`: ${evidence}$`) });
    expect(stored).toEqual([]);
  });

  it('names the right to read them', async () => {
    const { doctor, fault, stored } = await startStagingLab();
    await fault({ operation: 'GetBucketInfo', action: DENIED });
    const { faults, statuses, step } = await doctor();
    expect(faults).toEqual({ 'staging-bucket': 'AccessDenied' });
    expect(statuses).toMatchObject(NOT_TRIED);
    expect(step('staging-bucket')).toMatchObject({
      fix: { en: expect.stringContaining('oss:GetBucketInfo') },
    });
    expect(stored).toEqual([]);
  });

  it('reports a private bucket that a policy opens', async () => {
    const { doctor, remaining } = await startStagingLab({
      buckets: ['lab-bucket', 'lab-staging'],
      privateBuckets: [],
      publicPrefixes: ['pixdock/'],
    });
    const { faults, statuses } = await doctor();
    expect(faults).toEqual({ 'staging-objects': 'StagingReadable' });
    expect(statuses).toMatchObject({ 'staging-bucket': 'ok', 'staging-race': 'ok', 'staging-delete': 'ok' });
    expect(await remaining()).toEqual([]);
  });
});

describe('permissions', () => {
  it.each([
    ['put', 'PutObject', 'staging-objects', 'oss:PutObject'],
    ['get', 'GetObject', 'staging-objects', 'oss:GetObject'],
    ['list', 'ListObjectsV2', 'staging-objects', 'oss:ListObjects'],
    ['delete', 'DeleteMultipleObjects', 'staging-delete', 'oss:DeleteObject'],
  ])('reports a missing permission to %s', async (_name, operation, failed, right) => {
    const { doctor, fault, remaining } = await startStagingLab();
    await fault({ operation, count: 1, action: DENIED });
    const { faults, statuses, step } = await doctor();
    expect(faults).toEqual({ [failed]: 'AccessDenied' });
    expect(step(failed)).toMatchObject({ fix: { en: expect.stringContaining(right) } });
    if (failed === 'staging-delete') return;
    expect(statuses).toMatchObject({ 'staging-race': 'skipped', 'staging-delete': 'ok' });
    expect(await remaining()).toEqual([]);
  });
});

describe('behind a proxy', () => {
  it('reports a listing without an object that was just stored', async () => {
    const { doctor, server, remaining } = await startStagingLab();
    const proxy = await startProxy(server.port, ({ url = '' }, { body }) =>
      url.includes('list-type') ? without(/<Contents>.*?<\/Contents>/gs, body) : {},
    );
    const { faults, step } = await doctor({ ALIYUN_OSS_ENDPOINT: proxy });
    expect(faults).toEqual({ 'staging-objects': 'ListingStale' });
    expect(step('staging-objects')).toMatchObject({ detail: expect.stringMatching(/: 10 of 10 objects$/) });
    expect(await remaining()).toEqual([]);
  });

  it.each([
    ['object', /\/0$/, { 'staging-objects': 'StoredDifferently' }],
    ['object of the race', /\/race$/, { 'staging-race': 'RaceUndecided' }],
  ])('reports other bytes of an %s', async (_name, key, expected) => {
    const { doctor, server, remaining } = await startStagingLab();
    const proxy = await startProxy(server.port, ({ method, url = '' }, { status, body }) =>
      method === 'GET' && status === 200 && key.test(url) ? { body: Buffer.alloc(body.length) } : {},
    );
    expect((await doctor({ ALIYUN_OSS_ENDPOINT: proxy })).faults).toEqual(expected);
    expect(await remaining()).toEqual([]);
  });

  it('reports an object that disappears', async () => {
    const { doctor, server } = await startStagingLab();
    const proxy = await startProxy(server.port, ({ method, url = '' }) =>
      method === 'GET' && url.endsWith('/0') ? { status: 404, body: Buffer.from(NO_SUCH_KEY) } : {},
    );
    expect((await doctor({ ALIYUN_OSS_ENDPOINT: proxy })).faults).toEqual({
      'staging-objects': 'NotFoundAfterPut',
    });
  });

  it.each([
    ['stores several racing puts', true, 'RaceUndecided', '20 of 20 were stored'],
    ['has versioning by its header', false, 'VersionedBucket', 'x-oss-version-id'],
  ])('reports a bucket that %s', async (_name, hidesHeader, code, evidence) => {
    const { doctor, server, remaining } = await startStagingLab({
      versioning: { 'lab-staging': 'Suspended' },
    });
    const proxy = await startProxy(server.port, ({ url = '' }, { headers, body }) => {
      if (url.includes('bucketInfo')) return without(/<Versioning>.*<\/Versioning>/, body);
      const others = Object.entries(headers).filter(([name]) => name !== 'x-oss-version-id');
      return hidesHeader ? { headers: Object.fromEntries(others) } : {};
    });
    const { faults, step } = await doctor({ ALIYUN_OSS_ENDPOINT: proxy });
    expect(faults).toEqual({ 'staging-race': code });
    expect(step('staging-race')).toMatchObject({ detail: expect.stringMatching(`: ${evidence}$`) });
    expect(await remaining()).toEqual([]);
  });
});

describe('racing puts', () => {
  it('reports that none of them is stored', async () => {
    const { doctor, fault } = await startStagingLab();
    const action = { type: 'error', status: 409, code: 'FileAlreadyExists' };
    await fault({ operation: 'PutObject', key: '/race$', action });
    const { faults, step } = await doctor();
    expect(faults).toEqual({ 'staging-race': 'RaceUndecided' });
    expect(step('staging-race')).toMatchObject({ detail: expect.stringMatching(/: 0 of 20 were stored$/) });
  });

  it('end before the object is deleted, even if one of them fails', async () => {
    const { doctor, fault, stored, remaining } = await startStagingLab();
    await fault({ operation: 'PutObject', key: '/race$', count: 1, action: DENIED });
    await fault({ operation: 'PutObject', key: '/race$', action: { type: 'delay', ms: 500 } });
    expect((await doctor()).faults).toEqual({ 'staging-race': 'AccessDenied' });
    expect(stored.filter((key) => key.endsWith('/race'))).toHaveLength(1);
    expect(await remaining()).toEqual([]);
  });
});

const NO_SUCH_KEY = '<Error><Code>NoSuchKey</Code><RequestId>1</RequestId></Error>';

const without = (pattern: RegExp, body: Buffer) => ({
  body: Buffer.from(body.toString().replace(pattern, '')),
});
