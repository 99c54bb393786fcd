import { expect, test } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { send, signed } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test.each([
  ['public-read for a bucket whose keys are all public', {}, 'public-read'],
  ['private if a policy opens a prefix', { publicPrefixes: ['images/'] }, 'private'],
  ['private for a private bucket', { privateBuckets: ['lab-bucket'] }, 'private'],
])('tells ali-oss the ACL of a bucket: %s', async (_name, options, acl) => {
  const client = aliClient(await startTestOss(options));
  const { bucket } = await client.getBucketInfo('lab-bucket');
  expect(bucket).toMatchObject({ Name: 'lab-bucket', AccessControlList: { Grant: acl } });
  expect(bucket).not.toHaveProperty('Versioning');
});

test.each([
  ['Enabled', /^[0-9a-f]{32}$/],
  ['Suspended', /^null$/],
] as const)('ignores forbid-overwrite in a bucket with versioning: %s', async (state, version) => {
  const oss = await startTestOss({ versioning: { 'lab-bucket': state } });
  const { bucket } = await aliClient(oss).getBucketInfo('lab-bucket');
  expect(bucket).toMatchObject({ Versioning: state });
  for (const body of ['old', 'new']) {
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const put = await send(oss, signed(oss, { method: 'PUT', key: 'a', body, headers }));
    expect([put.status, put.headers['x-oss-version-id']]).toEqual([200, expect.stringMatching(version)]);
  }
  expect((await send(oss, { path: '/lab-bucket/a' })).text).toBe('new');
});
