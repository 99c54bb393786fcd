import { createHash } from 'node:crypto';
import { imageSchema } from '@pixdock/contract/image';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testRecord } from '../../testing/record.js';
import { unabbreviate } from './abbreviate.js';
import { FORM, formatDocument, storedImage } from './document.js';
import type { ImageRecord } from './image-record.js';
import { storedError } from './stored-error.js';
import { toImage } from './view.js';

const TRICKY = { '","ready":4,"internal":{': ',"ready":4,"internal":{"a":"b"}}', 名: '\\"' };
const jsonOf = (record: ImageRecord) => JSON.parse(unabbreviate(formatDocument(record)) ?? '');
const readyIn = (record: ImageRecord) => storedImage(formatDocument(record)).ready;

test.each([
  testRecord({ metadata: TRICKY, externalId: '"' }),
  testRecord({ status: 'processing', nextAttemptAt: '2026-11-28T00:00:00.000Z' }),
  testRecord({ status: 'published', version: 123_456_789_012_345, url: 'https://files.example/1.jpg' }),
])('stores the JSON that the API sends for an image that is $status', (record) => {
  const ready = readyIn(record);
  const { internal, ...fields } = record;
  // The reader of a document expects one order of the fields.
  const other = { internal, ...Object.fromEntries(Object.entries(fields).toReversed()) } as ImageRecord;
  expect(ready?.json()).toBe(JSON.stringify(toImage(record, 'zh')));
  expect(formatDocument(other)).toBe(formatDocument(record));
  expect(ready).toMatchObject({ owner: record.owner, version: record.version });
  expect(ready?.isSettled).toBe(record.status === 'published');
  expect(storedImage(formatDocument(record)).record()).toEqual(record);
});

const error = storedError('image_truncated');
test.each<[string, ImageRecord]>([
  ['an error', testRecord({ status: 'failed' })],
  ['the error of a step that is tried again', testRecord({ lastError: error })],
  ['a pending deletion', testRecord({ deleteRequestedAt: '2026-11-28T00:00:00.000Z' })],
  ['a field of a newer version', Object.assign(testRecord(), { addedByAnotherVersion: 1 })],
])('leaves an image with %s to be composed', (_, record) => {
  expect(readyIn(record)).toBeNull();
  expect(storedImage(formatDocument(record)).record()).toEqual(record);
});

test('stores no internal field that has its default, and each that has not', () => {
  const record = testRecord();
  expect(jsonOf(record).internal).toEqual({ declaredType: 'image/jpeg' });
  const internal = {
    declaredType: null,
    expectedSha256: 'ab'.repeat(32),
    attemptToken: 'token',
    keys: ['a'],
    keysLost: true,
    delayedSince: record.createdAt,
    deaths: 1,
    fetches: 2,
    place: 0,
    isInvalidRow: true,
    uploadToken: 'tok',
    metadataIndex: ['color'],
    webhook: { endpointId: 'whe_1', url: null },
    validator: { request: 'digest', value: '"etag"' },
    reviewed: 'subject',
    unansweredPutAt: record.createdAt,
    urls: ['https://files.example/1.jpg'],
    replaces: 'later' as const,
  };
  expect(jsonOf({ ...record, internal }).internal).toEqual(internal);
});

test('reads a document that is stored in full', () => {
  const record = testRecord();
  const { ready, record: read } = storedImage(JSON.stringify(jsonOf(record)));
  expect(read()).toEqual(record);
  expect(ready?.json()).toBe(readyIn(record)?.json());
});

test('cannot read a document with a part of a newer version', () => {
  const { ready, record } = storedImage(formatDocument(testRecord()).replace('\u0001', '\u0001~\u0001'));
  expect(ready).toBeNull();
  expect(record).toThrow(SyntaxError);
});

test('has another FORM for each schema of an image', () => {
  // Examples and descriptions change no stored byte.
  const override = ({ jsonSchema }: { jsonSchema: { examples?: unknown; description?: unknown } }) => {
    delete jsonSchema.examples;
    delete jsonSchema.description;
  };
  const schema = JSON.stringify(z.toJSONSchema(imageSchema, { override }));
  const digest = createHash('sha256').update(schema).digest('hex').slice(0, 16);
  expect(`${FORM} ${digest}`).toMatchInlineSnapshot(`"5 3f1a45abd704f0fa"`);
});
