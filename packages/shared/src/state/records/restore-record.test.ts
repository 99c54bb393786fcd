import { expect, test } from 'vitest';
import { changedRecord, testRecord } from '../../testing/record.js';
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
function readFromObject(record: ReturnType<typeof queued>, lastModified: Date): number | undefined {
  const meta = toObjectMeta(record, SIZE, {}, 'a');
  return fromObjectMeta(meta, lastModified, '', (key) => key)?.version;
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
  const meta = { ...toObjectMeta(queued(), SIZE, {}, 'a'), 'pixdock-version': '77' };
  expect(fromObjectMeta(meta, new Date(), '', (key) => key)?.version).toBe(1077);
});

test.each([
  ['an image restored before its put', restoreRecord(queued(), Date.now())],
  ['an image put at its first attempt', { ...queued(), version: 5 }],
])('reads a higher version from the object than the record of %s had', (_, record) => {
  const finishedAt = new Date().toISOString();
  const finished = changedRecord(record, { status: 'published', version: record.version + 2, finishedAt });
  const back = restoreRecord(finished, Date.now() + 86_400 * SECOND);
  const read = readFromObject(record, new Date());
  expect(read).toBeGreaterThan(finished.version);
  expect(read).toBeGreaterThan(back.version);
});

test('reads a higher version from an object of 0.1.0, which carries none', () => {
  const { 'pixdock-version': _, ...meta } = toObjectMeta(queued(), SIZE, {}, 'a');
  const read = fromObjectMeta(meta, new Date(CREATED + SECOND), '', (key) => key)?.version;
  expect(read).toBeGreaterThan(restoreRecord(published(1 * SECOND, 9), CREATED + 86_400 * SECOND).version);
});
