import { expect, test } from 'vitest';
import { testMetadataKeys } from '../../testing/metadata-keys.js';
import { changedRecord, testRecord } from '../../testing/record.js';
import { objectKey } from '../object-key.js';
import { fromObjectMeta, toObjectMeta } from '../object-meta.js';
import { restoreRecord } from './restore-record.js';

const SECOND = 1000;
const CREATED = Date.parse('2026-01-01T00:00:00Z');
const at = (ms: number) => new Date(CREATED + ms).toISOString();
const SIZE = { width: 1, height: 1, frames: 1 };

const queued = () => testRecord({ createdAt: at(0) });
const published = (finishedMs: number, version: number) =>
  testRecord({ createdAt: at(0), status: 'published', version, finishedAt: at(finishedMs) });

/** The version that a read after RETENTION reports. */
function readFromObject(record: ReturnType<typeof queued>): number | undefined {
  const keys = testMetadataKeys();
  const key = objectKey('', record.id, 'main', 'webp');
  const main = { url: '', key, bytes: 1, mediaType: 'image/webp', etag: 'e'.repeat(32), width: 1, height: 1 };
  const metadata = toObjectMeta(keys, record, SIZE, { main }, 'a');
  const reading = fromObjectMeta(keys, { key, metadata }, '', String);
  return reading.outcome === 'image' ? reading.image.version : undefined;
}

test('raises the version of an image in progress with its age', () => {
  const first = restoreRecord(queued(), CREATED + 10 * SECOND);
  const second = restoreRecord(queued(), CREATED + 11 * SECOND);
  expect(first.version).toBeGreaterThanOrEqual(160_000);
  expect(second.version).toBeGreaterThan(first.version);
});

test('restores a published image to one version, however often and late', () => {
  const [soon, late] = [60, 30 * 86_400].map((s) =>
    restoreRecord(published(1 * SECOND, 9), CREATED + s * SECOND),
  );
  expect(soon?.version).toBe(late?.version);
});

test('restores a published image above what a restore reported before the outcome was staged', () => {
  const inProgress = restoreRecord(queued(), CREATED + 20 * SECOND);
  const back = restoreRecord(published(1 * SECOND, 9), CREATED + 60 * SECOND);
  expect(back.version).toBeGreaterThan(inProgress.version);
});

test('reads from the object the version that it carries plus 1,000', () => {
  const version = 10 ** 15;
  expect(readFromObject({ ...queued(), version })).toBe(version + 1000);
});

test.each([
  ['an image restored before its put', restoreRecord(queued(), Date.now())],
  ['an image put at its first attempt', { ...queued(), version: 5 }],
])('reads a higher version from the object than the record of %s had', (_, record) => {
  const finishedAt = new Date().toISOString();
  const finished = changedRecord(record, { status: 'published', version: record.version + 2, finishedAt });
  const back = restoreRecord(finished, Date.now() + 86_400 * SECOND);
  const read = readFromObject(record);
  expect(read).toBeGreaterThan(finished.version);
  expect(read).toBeGreaterThan(back.version);
});
