import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles, profileSchema } from '@pixdock/contract/profile';
import type { Review } from '@pixdock/contract/review';
import { afterAll, expect, it } from 'vitest';
import { testRecord } from '../testing/record.js';
import { stagingLayout } from './folder-staging/layout.js';
import { openStaging } from './folder-staging/open-staging.js';
import { reviewSubject, type Verdict } from './reviews.js';

const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-reviews-'));
afterAll(() => rm(dataDir, { recursive: true }));
const { reviews } = await openStaging(dataDir);
const layout = stagingLayout(dataDir);
const AT = '2026-01-05T08:00:00.000Z';
const held: Review = { decision: 'hold', by: 'http', reasons: [], at: AT, heldAt: AT };
const approve: Verdict = { ...held, decision: 'approve', by: 'manual' };

it('finds the source of a held image until it is removed or replaced', async () => {
  const record = testRecord();
  const sha256 = createHash('sha256').update('abc').digest('hex');
  const fetched = { ...record, source: { ...record.source, sha256 } };
  expect(await reviews.findSource(record.id)).toBeNull();
  await reviews.hold(fetched, 'a', held);
  expect(await reviews.find(record.id, 'a')).toEqual(held);
  expect(await reviews.findSource(record.id)).toBeNull();
  await writeFile(layout.source(record.id), 'abc');
  expect(await reviews.findSource(record.id)).toEqual({
    filename: 'photo.jpg',
    bytes: 3,
    sha256,
    mediaType: 'image/jpeg',
    declaredType: 'image/jpeg',
    validator: null,
  });
  await writeFile(layout.source(record.id), 'abd');
  expect(await reviews.findSource(record.id)).toBeNull();
});

it('has no decision on other bytes, or on another version of the profile', async () => {
  const record = testRecord();
  const [profile] = builtInProfiles().values();
  const other = profileSchema.parse({ ...profile, review: ['manual'] });
  const subjects = [
    reviewSubject(record, other),
    reviewSubject({ source: { ...record.source, sha256: 'cd'.repeat(32) } }, other),
    reviewSubject(record, profileSchema.parse({ ...other, review: ['http'] })),
  ];
  const [subject = ''] = subjects;
  await reviews.decide(record.id, subject, approve);
  const found = await Promise.all(subjects.map((one) => reviews.find(record.id, one)));
  expect(found).toEqual([approve, null, null]);
});
