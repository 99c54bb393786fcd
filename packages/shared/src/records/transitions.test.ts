import { describe, expect, test } from 'vitest';
import type { ImageRecord } from '../contract/image.js';
import { testRecord } from '../testing/record.js';
import * as transitions from './transitions.js';

const RETENTION_MS = 1000;
const at = { run: 1, holder: 'first' };
const other = { run: 1, holder: 'second' };
const error = { code: 'image_corrupt', detail: { en: 'broken', zh: '损坏' } } as const;

const must = (record: ImageRecord | null): ImageRecord => {
  if (record === null) throw new Error('refused');
  return record;
};
const begun = () => must(transitions.begin(testRecord(), at, 'validating'));
const failed = () => must(transitions.fail(begun(), at, error, [], RETENTION_MS));

describe('begin', () => {
  test('takes a queued image and counts the attempt', () => {
    expect(begun()).toMatchObject({
      status: 'processing',
      stage: 'validating',
      attempts: 1,
      internal: { deaths: 0 },
    });
  });
  test('counts a death when the attempt before ended without a word', () => {
    expect(must(transitions.begin(begun(), other, 'validating')).internal.deaths).toBe(1);
  });
  test('does not count a death when the attempt before gave the image back', () => {
    const released = must(transitions.release(begun(), at, false));
    expect(must(transitions.begin(released, other, 'validating')).internal.deaths).toBe(0);
  });
  test('refuses another run, a final image and one that is to be deleted', () => {
    expect(transitions.begin(testRecord(), { ...at, run: 2 }, 'validating')).toBeNull();
    expect(transitions.begin(failed(), at, 'validating')).toBeNull();
    expect(transitions.begin(must(transitions.requestDelete(testRecord())), at, 'validating')).toBeNull();
  });
});

test('an attempt that lost the image can do nothing more', () => {
  const taken = must(transitions.begin(begun(), other, 'validating'));
  expect(transitions.advance(taken, at, 'uploading')).toBeNull();
  expect(transitions.fail(taken, at, error, [], RETENTION_MS)).toBeNull();
  expect(transitions.release(taken, at, true)).toBeNull();
  expect(transitions.advance(taken, other, 'uploading')).not.toBeNull();
});

test('an attempt from before a restore does not share the image with the one after', () => {
  const again = must(transitions.begin(transitions.restored(testRecord()), other, 'validating'));
  expect(transitions.advance(again, at, 'uploading')).toBeNull();
  expect(transitions.release(again, at, true)).toBeNull();
});

test('a deletion stops the attempt in hand', () => {
  const deleting = must(transitions.requestDelete(begun()));
  expect(transitions.advance(deleting, at, 'uploading')).toBeNull();
  expect(transitions.requestDelete(deleting)).toBeNull();
  expect(must(transitions.markDeleted(deleting, RETENTION_MS))).toMatchObject({
    status: 'deleted',
    url: null,
    variants: {},
  });
});

test('heldSince keeps the first moment and ends with the image', () => {
  const first = must(transitions.release(begun(), at, true));
  const again = must(transitions.begin(first, other, 'uploading'));
  const second = must(transitions.release(again, other, true));
  expect(second.internal.heldSince).toBe(first.internal.heldSince);
  expect(first.internal.heldSince).not.toBeNull();
  expect(failed().internal.heldSince).toBeNull();
});

test('retry takes only a failed image, to the next run', () => {
  expect(must(transitions.retry(failed()))).toMatchObject({
    status: 'queued',
    run: 2,
    error: null,
    expiresAt: null,
  });
  expect(transitions.retry(testRecord())).toBeNull();
  expect(transitions.retry(must(transitions.requestDelete(failed())))).toBeNull();
});

test('expiresAt is the end plus retention', () => {
  const { finishedAt, expiresAt } = failed();
  expect(Date.parse(expiresAt ?? '') - Date.parse(finishedAt ?? '')).toBe(RETENTION_MS);
});

test('a restored record waits again, with a version above any seen', () => {
  const record = { ...begun(), createdAt: new Date(Date.now() - 5000).toISOString(), version: 9 };
  const back = transitions.restored(record);
  expect(back.status).toBe('queued');
  expect(back.version).toBeGreaterThanOrEqual(5000);
  expect(transitions.restored(failed()).status).toBe('failed');
});

test('the timeline is bounded and keeps its beginning', () => {
  let record = begun();
  for (let attempt = 1; attempt < 200; attempt++) record = must(transitions.advance(record, at, 'uploading'));
  expect(record.timeline).toHaveLength(50);
  expect(record.timeline[0]?.stage).toBe('received');
});
