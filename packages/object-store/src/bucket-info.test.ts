import { expect, it } from 'vitest';
import { readBucketInfo } from './bucket-info.js';
import { openStagingOnOss } from './testing/staging-on-oss.js';
import { faultOf } from './testing/store-on-oss.js';

/** More often than the doctor tries, but without pauses. */
const OPTIONS = { retry: { tries: 3, baseMs: 1, capMs: 10 } };

it.each(['virtual', 'cname', 'path'] as const)(
  'reads ACL and versioning with %s addressing',
  async (addressing) => {
    const { settings } = await openStagingOnOss({ addressing });
    expect(await readBucketInfo(settings)).toEqual({ acl: 'private', versioning: null });
    const other = await openStagingOnOss(
      { addressing },
      { privateBuckets: [], buckets: ['lab-staging'], versioning: { 'lab-staging': 'Suspended' } },
    );
    expect(await readBucketInfo(other.settings)).toEqual({ acl: 'public-read', versioning: 'Suspended' });
  },
);

it('names the right that is missing', async () => {
  const { settings, fault } = await openStagingOnOss();
  await fault({ operation: 'GetBucketInfo', action: { type: 'error', status: 403, code: 'AccessDenied' } });
  const { operation, facts } = await faultOf(readBucketInfo(settings, OPTIONS));
  expect([operation, facts.code]).toEqual(['info', 'AccessDenied']);
  expect(facts.fix.en).toContain('Allow oss:GetBucketInfo on acs:oss:*:*:BUCKET');
  expect(facts.fix.zh).toContain('oss:GetBucketInfo');
});

it('rejects a bucket that does not exist', async () => {
  const { settings } = await openStagingOnOss();
  const { facts } = await faultOf(readBucketInfo({ ...settings, bucket: 'lab-nowhere' }, OPTIONS));
  expect(facts).toMatchObject({ code: 'NoSuchBucket', kind: 'configuration' });
});

it.each([
  ['the page of a proxy', { type: 'html', status: 200 }],
  ['an empty response', { type: 'empty', status: 200 }],
  ['half a response', { type: 'cut', status: 200 }],
])('tries again after %s', async (_name, action) => {
  const { settings, fault } = await openStagingOnOss();
  await fault({ operation: 'GetBucketInfo', count: 2, action });
  expect(await readBucketInfo(settings, OPTIONS)).toEqual({ acl: 'private', versioning: null });
  await fault({ operation: 'GetBucketInfo', action });
  expect((await faultOf(readBucketInfo(settings, OPTIONS))).facts.kind).toBe('transient');
});
