import { expect, test } from 'vitest';
import { changedRecord, testRecord } from '../../testing/record.js';
import { type ImageRecord, isOpen, recordSchema } from './image-record.js';
import { storedError } from './stored-error.js';

const URL = 'https://img.example/main.jpg';
const AT = new Date(0).toISOString();

test.each([
  ['queued', { url: URL }],
  ['processing', { error: storedError('canceled') }],
  ['published', { finishedAt: null }],
  ['published', { error: storedError('canceled') }],
  ['failed', { error: null }],
  ['failed', { url: URL }],
  ['canceled', { error: null }],
  ['deleted', { url: URL }],
  ['deleted', { finishedAt: null }],
] as const)('parses no %s record with %j', (status, field) => {
  const record = changedRecord(testRecord(), { status });
  expect(recordSchema.parse(record)).toEqual(record);
  expect(recordSchema.safeParse({ ...record, ...field }).success).toBe(false);
});

test('parses a deleted record with the error that it had before', () => {
  const record = { ...testRecord({ status: 'failed' }), status: 'deleted', deleteRequestedAt: AT };
  expect(recordSchema.parse(record)).toEqual(record);
});

test('keeps fields of a newer version, also in the source, the error and the internal fields', () => {
  const { source, error, internal, ...record } = testRecord({ status: 'failed' });
  const added = { addedLater: 1 };
  const newer = {
    ...record,
    ...added,
    source: { ...source, ...added },
    error: { ...error, ...added },
    internal: { ...internal, ...added },
  };
  expect(recordSchema.parse(newer)).toEqual(newer);
});

test('regards queued and processing images as open', () => {
  const statuses: ImageRecord['status'][] = [
    'queued',
    'processing',
    'published',
    'failed',
    'canceled',
    'deleted',
  ];
  expect(statuses.filter((status) => isOpen(testRecord({ status })))).toEqual(['queued', 'processing']);
});
