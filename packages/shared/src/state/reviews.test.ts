import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles, profileSchema } from '@pixdock/contract/profile';
import type { Review } from '@pixdock/contract/review';
import { afterAll, expect, it } from 'vitest';
import { testRecord } from '../testing/record.js';
import { stagingLayout } from './files/layout.js';
import { openReviews, reviewSubject } from './reviews.js';

const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-reviews-'));
afterAll(() => rm(dataDir, { recursive: true }));
const layout = stagingLayout(dataDir);
const reviews = openReviews(layout);
const AT = '2026-01-05T08:00:00.000Z';
const held: Review = { decision: 'hold', by: 'http', reasons: [], at: AT, heldAt: AT };
const approve = { ...held, decision: 'approve', by: 'manual' } as const;
const reject = { ...held, decision: 'reject', by: 'manual' } as const;

it('keeps the first of two decisions that are made at the same time', async () => {
  const { id } = testRecord();
  await reviews.hold(id, 'a', held);
  expect(await reviews.find(id, 'a')).toEqual(held);
  const [one, other] = await Promise.all([reviews.decide(id, 'a', approve), reviews.decide(id, 'a', reject)]);
  expect(one).toEqual(other);
  expect(await reviews.find(id, 'a')).toEqual(one);
  expect(await reviews.decide(id, 'a', reject)).toEqual(one);
  expect(await readdir(layout.review(id))).toHaveLength(2);
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
