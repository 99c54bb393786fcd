import { expect, it } from 'vitest';
import { ignoredField } from './ignored-field.js';
import { fingerprintOf, type SubmittedBytes, type SubmittedUrl } from './submission.js';

const options = {
  profile: 'default',
  externalId: 'sku-1',
  metadata: { a: '1', b: '2' },
  sha256: null,
  deleteAfterSeconds: null,
  replace: false,
  webhookUrl: null,
};
const upload: SubmittedBytes = {
  kind: 'bytes',
  options,
  bytes: 3,
  sha256: 'ab'.repeat(32),
  format: 'jpeg',
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
  warnings: [],
};
const origin = {
  kind: 'url',
  url: 'https://a.example/1.jpg',
  headers: { referer: 'x', cookie: 'y' },
} as const;
const imported: SubmittedUrl = { kind: 'url', options, origin, warnings: [] };

it.each<[string, SubmittedBytes]>([
  ['profile', { ...upload, options: { ...options, profile: 'compact' } }],
  ['externalId', { ...upload, options: { ...options, externalId: 'sku-2' } }],
  ['metadata value', { ...upload, options: { ...options, metadata: { a: '1', b: '3' } } }],
  ['metadata name', { ...upload, options: { ...options, metadata: { a: '1', c: '2' } } }],
  ['content', { ...upload, sha256: 'cd'.repeat(32) }],
  ['webhook', { ...upload, options: { ...options, webhookUrl: 'https://a.example/' } }],
])('gives an upload with another %s another fingerprint', (_, other) => {
  expect(fingerprintOf(other)).not.toBe(fingerprintOf(upload));
});

it.each<[string, SubmittedUrl]>([
  ['URL', { ...imported, origin: { ...origin, url: 'https://a.example/2.jpg' } }],
  ['header value', { ...imported, origin: { ...origin, headers: { referer: 'x', cookie: 'z' } } }],
  ['header name', { ...imported, origin: { ...origin, headers: { referer: 'x', accept: 'y' } } }],
  ['set of headers', { ...imported, origin: { ...origin, headers: {} } }],
  ['metadata', { ...imported, options: { ...options, metadata: {} } }],
  ['sha256', { ...imported, options: { ...options, sha256: 'ab'.repeat(32) } }],
])('gives an import with another %s another fingerprint', (_, other) => {
  expect(fingerprintOf(other)).not.toBe(fingerprintOf(imported));
});

it('ignores the order of metadata and headers, the file name, the declared type and warnings in the fingerprint', () => {
  const metadata = { b: '2', a: '1' };
  const same = {
    ...upload,
    options: { ...options, metadata },
    filename: 'b.jpg',
    declaredType: null,
    warnings: [ignoredField('a')],
  };
  expect(fingerprintOf(same)).toBe(fingerprintOf(upload));
  const headers = { cookie: 'y', referer: 'x' };
  expect(fingerprintOf({ ...imported, origin: { ...origin, headers } })).toBe(fingerprintOf(imported));
});
