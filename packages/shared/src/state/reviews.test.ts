import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles, profileSchema } from '@pixdock/contract/profile';
import type { Review } from '@pixdock/contract/review';
import { afterAll, expect, it } from 'vitest';
import { testRecord } from '../testing/record.js';
import { reviewSubject } from './reviews.js';
import { openStaging } from './staging.js';

const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-reviews-'));
afterAll(() => rm(dataDir, { recursive: true }));
const { reviews, layout } = await openStaging(dataDir);
const AT = '2026-01-05T08:00:00.000Z';
const held: Review = { decision: 'hold', by: 'http', reasons: [], at: AT, heldAt: AT };
const approve = { ...held, decision: 'approve', by: 'manual' } as const;
const reject = { ...held, decision: 'reject', by: 'manual' } as const;

it('keeps the first of two decisions that are made at the same time', async () => {
  const record = testRecord();
  const { id } = record;
  await reviews.hold(record, 'a', held);
  expect(await reviews.find(id, 'a')).toEqual(held);
  const [one, other] = await Promise.all([reviews.decide(id, 'a', approve), reviews.decide(id, 'a', reject)]);
  expect(one).toEqual(other);
  expect(await reviews.find(id, 'a')).toEqual(one);
  expect(await reviews.decide(id, 'a', reject)).toEqual(one);
  expect(await readdir(layout.review(id))).toHaveLength(2);
});

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
