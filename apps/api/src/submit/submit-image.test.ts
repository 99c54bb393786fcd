import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { DoneClaim } from '@pixdock/shared/state/records/idempotency';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it, vi } from 'vitest';
import type { SubmittedBytes, SubmittedUrl } from '../body/submission.js';
import { fingerprintOf, submitImage } from './submit-image.js';
import { watchSubmission } from './testing/watch-submission.js';

const JPEG = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  Buffer.alloc(100),
]);
const BYTES = { body: JPEG };
const ADDRESS = {
  headers: { 'Content-Type': 'application/json' },
  body: '{"url":"https://a.example/1.jpg"}',
};

it('stages an upload before it creates the record, and the record before the job', async () => {
  const { send, steps, staging } = await watchSubmission();
  const { created } = await send(submitImage, BYTES);
  expect(created).toMatchObject({ outcome: 'made', made: { status: 'queued', source: { bytes: 120 } } });
  expect(steps).toEqual([
    'claim key',
    'admit',
    'ask Redis',
    'reserve space',
    'receive',
    'wait for the disk',
    'stage',
    'confirm key',
    'create record',
    'keep files',
    'keep space',
    'enqueue',
    'end arrival',
    'end reservation',
  ]);
  if (created?.outcome !== 'made') throw new Error('nothing was made');
  const entry = await staging.entry(created.made.id);
  expect(entry?.record).toEqual(created.made);
  expect(entry?.idempotency?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(await staging.isSourceWhole(created.made)).toBe(true);
});

it('stages the address of an import, with its headers', async () => {
  const { send, staging } = await watchSubmission();
  const { created } = await send(submitImage, ADDRESS);
  if (created?.outcome !== 'made') throw new Error('nothing was made');
  expect(await staging.origin(created.made)).toEqual({
    kind: 'url',
    url: 'https://a.example/1.jpg',
    headers: {},
  });
});

it.each(['admit', 'ask Redis', 'reserve space'])(
  'reads nothing of the body when it fails to %s',
  async (failAt) => {
    const { send, steps } = await watchSubmission({ failAt });
    expect((await send(submitImage, BYTES)).status).toBe(503);
    expect(steps).not.toContain('receive');
    expect(steps.at(-1)).toBe('release key');
  },
);

it('keeps nothing of a body that is refused', async () => {
  const { send, steps, staging } = await watchSubmission();
  const { status } = await send(submitImage, { body: Buffer.from('just text') });
  expect(status).toBe(415);
  expect(steps.slice(4)).toEqual(['receive', 'end arrival', 'end reservation', 'release key']);
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});

it.each([
  ['wait for the disk', BYTES],
  ['stage', BYTES],
  ['confirm key', BYTES],
  ['create record', BYTES],
  ['confirm key', ADDRESS],
  ['create record', ADDRESS],
])('keeps nothing when it fails to %s', async (failAt, request) => {
  const { send, steps, staging } = await watchSubmission({ failAt });
  expect((await send(submitImage, request)).status).toBe(503);
  expect(steps).not.toContain('keep files');
  expect(steps).not.toContain('keep space');
  expect(steps).not.toContain('enqueue');
  expect(steps.at(-1)).toBe('release key');
  const shards = await readdir(staging.layout.live);
  expect(
    (await Promise.all(shards.map((shard) => readdir(`${staging.layout.live}/${shard}`)))).flat(),
  ).toEqual([]);
});

it('removes the files before the record that Redis may have taken', async () => {
  const createdAt = new Date(0).toISOString();
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  const { send, steps } = await watchSubmission({
    failAt: 'create record',
    found: testRecord({ createdAt }),
  });
  await send(submitImage, BYTES).finally(() => vi.useRealTimers());
  await vi.waitFor(() => expect(steps).toContain('forget record'));
  expect(steps.indexOf('end arrival')).toBeLessThan(steps.indexOf('forget record'));
});

it('leaves the record of another request with the same key', async () => {
  const { send, steps } = await watchSubmission({ failAt: 'create record', found: testRecord() });
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  await send(submitImage, BYTES).finally(() => vi.useRealTimers());
  await vi.waitFor(() => expect(steps).toContain('read record'));
  expect(steps).not.toContain('forget record');
});

it('accepts an image whose job Redis does not take, and enqueues it later', async () => {
  const { send, steps } = await watchSubmission({ failAt: 'enqueue' });
  const { created } = await send(submitImage, BYTES);
  expect(created?.outcome).toBe('made');
  await vi.waitFor(() => expect(steps.filter((step) => step === 'enqueue')).toHaveLength(2));
  expect(steps).not.toContain('release key');
});

it('answers a repeat with the image, and creates the record and the job that a crash left out', async () => {
  const found = testRecord();
  const { send, steps } = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await send(submitImage, BYTES)).created).toMatchObject({
    outcome: 'repeated',
    made: { id: found.id },
  });
  expect(steps).toEqual(['claim key', 'read record', 'create record', 'enqueue']);
});

it('refuses another request with the same key', async () => {
  const found = testRecord();
  const { send, steps } = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await send(submitImage, ADDRESS)).status).toBe(422);
  expect(steps).toEqual(['claim key']);
});

const PLAIN = { profile: 'default', externalId: null, metadata: {}, sha256: null };

/** The claim of a completed request that sent `BYTES`. */
function doneClaim(resourceId: string): DoneClaim {
  const sha256 = createHash('sha256').update(JPEG).digest('hex');
  return {
    state: 'done',
    resourceId,
    fingerprint: fingerprintOf({ ...upload, options: PLAIN, sha256 }),
    answer: null,
  };
}

const options = { profile: 'default', externalId: 'sku-1', metadata: { a: '1', b: '2' }, sha256: null };
const upload: SubmittedBytes = {
  kind: 'bytes',
  options,
  bytes: 3,
  sha256: 'ab'.repeat(32),
  format: 'jpeg',
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
};
const origin = {
  kind: 'url',
  url: 'https://a.example/1.jpg',
  headers: { referer: 'x', cookie: 'y' },
} as const;
const imported: SubmittedUrl = { kind: 'url', options, origin };

it.each<[string, SubmittedBytes]>([
  ['profile', { ...upload, options: { ...options, profile: 'compact' } }],
  ['externalId', { ...upload, options: { ...options, externalId: 'sku-2' } }],
  ['metadata value', { ...upload, options: { ...options, metadata: { a: '1', b: '3' } } }],
  ['metadata name', { ...upload, options: { ...options, metadata: { a: '1', c: '2' } } }],
  ['content', { ...upload, sha256: 'cd'.repeat(32) }],
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

it('ignores the order of metadata and headers, the file name and the declared type in the fingerprint', () => {
  const metadata = { b: '2', a: '1' };
  const same = { ...upload, options: { ...options, metadata }, filename: 'b.jpg', declaredType: null };
  expect(fingerprintOf(same)).toBe(fingerprintOf(upload));
  const headers = { cookie: 'y', referer: 'x' };
  expect(fingerprintOf({ ...imported, origin: { ...origin, headers } })).toBe(fingerprintOf(imported));
});
