import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PixdockError } from '@pixdock/contract/error';
import { keyedHash } from '@pixdock/shared/runtime/metadata-keys';
import { BLOCK_BYTES, bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import type { DoneClaim } from '@pixdock/shared/state/idempotency/stored-claim';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { METADATA_KEY, NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it, vi } from 'vitest';
import { ignoredField } from '../body/ignored-field.js';
import { fingerprintOf } from '../body/submission.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { imageInRequest } from './image.js';
import { submit } from './submit.js';
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

const submitImage = async (c: ApiContext, deps: ApiDeps) => submit(c, deps, await imageInRequest(c, deps));

it('stages an upload before it creates the record, and the record before the job', async () => {
  const { send, steps, staging } = await watchSubmission();
  const { created } = await send(submitImage, BYTES);
  expect(created).toMatchObject({ outcome: 'created', state: { status: 'queued', source: { bytes: 120 } } });
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
  if (created?.outcome !== 'created') throw new Error('nothing was created');
  const entry = await staging.entry(created.state.id);
  expect(entry?.record).toEqual(created.state);
  expect(entry?.idempotency?.fingerprint).toBe(fingerprintOfBytes());
  expect(await staging.isSourceWhole(created.state)).toBe(true);
});

it.each([
  ['an upload', BYTES],
  ['a URL', ADDRESS],
])('keeps the blocks of the folder and the files of %s', async (_, request) => {
  const { send, staging, keptBytes } = await watchSubmission();
  const { created } = await send(submitImage, request);
  const folder = staging.layout.image(created?.outcome === 'created' ? created.state.id : '');
  const files = (await readdir(folder)).map((name) => stat(join(folder, name)));
  const sizes = (await Promise.all(files)).map(({ size }) => size);
  expect(keptBytes()).toBe(sizes.reduce((sum, size) => sum + bytesOnDisk(size), BLOCK_BYTES));
});

it('stages the URL of an import with its headers', async () => {
  const { send, staging } = await watchSubmission();
  const { created } = await send(submitImage, ADDRESS);
  if (created?.outcome !== 'created') throw new Error('nothing was created');
  expect(await staging.origin(created.state)).toEqual({
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

it('refuses a webhookUrl without an endpoint before it reads the body', async () => {
  const { send, steps, deps } = await watchSubmission();
  const endpoints = stub<Endpoints>({ targetOf: async () => null });
  const query = `?webhookUrl=${encodeURIComponent('https://a.example.com/hook')}`;
  const { status } = await send((c) => submitImage(c, { ...deps, endpoints }), BYTES, query);
  expect([status, ...steps]).toEqual([400, 'claim key', 'release key']);
});

it('refuses a URL with an unknown profile before it takes the key', async () => {
  const { send, steps, staging } = await watchSubmission();
  const body = JSON.stringify({ url: 'https://a.example/1.jpg', profile: 'big' });
  const { status } = await send(submitImage, { ...ADDRESS, body: Buffer.from(body) });
  expect(status).toBe(400);
  expect(steps).toEqual([]);
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});

it('takes options that are null as absent, but no unknown members', async () => {
  const { send } = await watchSubmission();
  const options = { profile: null, metadata: null, headers: null, externalId: null, sha256: null };
  const body = JSON.stringify({ url: 'https://a.example/1.jpg', ...options });
  const { created } = await send(submitImage, { ...ADDRESS, body: Buffer.from(body) });
  expect(created).toMatchObject({ outcome: 'created', state: { profile: 'default', metadata: {} } });
  const unknown = JSON.stringify({ url: 'https://a.example/1.jpg', external_id: null });
  expect((await send(submitImage, { ...ADDRESS, body: Buffer.from(unknown) })).status).toBe(400);
});

it('keeps nothing of a refused body', async () => {
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

it('removes the files before the record that Redis may have stored', async () => {
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

it('accepts an image whose job cannot be enqueued, and enqueues it later', async () => {
  const { send, steps } = await watchSubmission({ failAt: 'enqueue' });
  const { created } = await send(submitImage, BYTES);
  expect(created?.outcome).toBe('created');
  await vi.waitFor(() => expect(steps.filter((step) => step === 'enqueue')).toHaveLength(2));
  expect(steps).not.toContain('release key');
});

it('returns the image for a repeat, and creates the record and the job that a crash prevented', async () => {
  const found = testRecord();
  const { send, steps } = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await send(submitImage, BYTES)).created).toMatchObject({
    outcome: 'repeated',
    state: { id: found.id },
  });
  expect(steps).toEqual(['claim key', 'read record', 'create record', 'enqueue']);
});

it('returns the first response for a repeat after the record has expired', async () => {
  const { id } = testRecord();
  const response = { status: 202, body: '{}' };
  const repeat = async (done: DoneClaim, error: Error) => {
    const { send } = await watchSubmission({ key: done });
    const read = () => Promise.reject(error);
    return send(async (c, deps) => submit(c, deps, { ...(await imageInRequest(c, deps)), read }), BYTES);
  };
  const expired = new PixdockError('not_found');
  const { created } = await repeat({ ...doneClaim(id), response }, expired);
  expect(created).toEqual({ outcome: 'expired', id, response });
  expect((await repeat(doneClaim(id), expired)).status).toBe(404);
  expect((await repeat({ ...doneClaim(id), response }, new PixdockError('overloaded'))).status).toBe(503);
});

it('reports ignored fields to the request and to its repeats', async () => {
  const warnings = [ignoredField('colour')];
  const form = new FormData();
  form.append('colour', 'red');
  form.append('file', new Blob([JPEG]), 'a.jpg');
  const first = await watchSubmission();
  expect((await first.send(submitImage, { body: form })).created).toMatchObject({
    outcome: 'created',
    warnings,
  });
  const found = testRecord();
  const repeat = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await repeat.send(submitImage, { body: form })).created).toMatchObject({
    outcome: 'repeated',
    warnings,
  });
});

it('takes a repeat that waits for the same request', async () => {
  const found = testRecord();
  const { send } = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await send(submitImage, BYTES, '?wait=30')).created).toMatchObject({ outcome: 'repeated' });
});

it('recognizes a repeat after a rotation of METADATA_KEY', async () => {
  const found = testRecord();
  const { send, deps } = await watchSubmission({ key: doneClaim(found.id), found });
  Object.assign(deps.config, { metadataKeys: testMetadataKeys(`${NEXT_METADATA_KEY},${METADATA_KEY}`) });
  expect((await send(submitImage, BYTES)).created).toMatchObject({ outcome: 'repeated' });
  Object.assign(deps.config, { metadataKeys: testMetadataKeys(NEXT_METADATA_KEY) });
  expect((await send(submitImage, BYTES)).status).toBe(422);
});

it('refuses another request with the same key', async () => {
  const found = testRecord();
  const { send, steps } = await watchSubmission({ key: doneClaim(found.id), found });
  expect((await send(submitImage, ADDRESS)).status).toBe(422);
  expect(steps).toEqual(['claim key']);
});

const PLAIN = {
  profile: 'default',
  externalId: null,
  metadata: {},
  sha256: null,
  deleteAfterSeconds: null,
  replace: false,
  webhookUrl: null,
};

/** The stored fingerprint of a request that sent `BYTES`: an HMAC, since a person could guess the fields. */
function fingerprintOfBytes(): string {
  const facts = { bytes: JPEG.length, format: 'jpeg', filename: null, declaredType: null } as const;
  const sha256 = createHash('sha256').update(JPEG).digest('hex');
  const fingerprint = fingerprintOf({ kind: 'bytes', options: PLAIN, sha256, warnings: [], ...facts });
  return keyedHash(testMetadataKeys()[0], 'fingerprint', fingerprint);
}

/** The claim of a completed request that sent `BYTES`. */
function doneClaim(resourceId: string): DoneClaim {
  return {
    state: 'done',
    resourceId,
    fingerprint: fingerprintOfBytes(),
    response: null,
  };
}

const TOKEN = {
  id: 'tok_1',
  expiresAt: '2027-01-31T00:00:00.000Z',
  profile: 'avatar',
  maxBytes: 200,
  deleteAfterSeconds: null,
  maxCount: 1,
  origins: null,
};

it('gives the upload of a token back whose file is refused', async () => {
  const { send, steps } = await watchSubmission({ token: TOKEN });
  expect((await send(submitImage, { body: Buffer.from('no image') })).status).toBe(415);
  expect(steps.filter((step) => step.includes('use of token'))).toEqual([
    'take use of token',
    'give use of token back',
  ]);
});

it('counts an upload of a token once, before its body, and stores the token with the image', async () => {
  const { send, steps } = await watchSubmission({ token: TOKEN });
  const { created } = await send(submitImage, BYTES);
  expect(created).toMatchObject({
    state: { owner: 'acme', profile: 'avatar', internal: { uploadToken: TOKEN.id } },
  });
  expect(steps.slice(0, 6)).toEqual([
    'claim key',
    'admit',
    'ask Redis',
    'reserve space',
    'take use of token',
    'receive',
  ]);
  expect(steps.filter((step) => step.includes('use of token'))).toEqual(['take use of token']);
});

it.each([
  ['a URL', ADDRESS, '', 403],
  ['another profile', BYTES, '?profile=default', 403],
])('refuses %s with a token, and takes nothing', async (_, init, query, status) => {
  const { send, steps } = await watchSubmission({ token: TOKEN });
  expect((await send(submitImage, init, query)).status).toBe(status);
  expect(steps).toEqual([]);
});

it('refuses a file above the size of its token, and keeps nothing', async () => {
  const { send, steps } = await watchSubmission({ token: TOKEN });
  expect((await send(submitImage, { body: Buffer.concat([JPEG, JPEG]) })).status).toBe(413);
  expect(steps).not.toContain('stage');
  expect(steps.at(-1)).toBe('release key');
});

it('separates the Idempotency-Keys of tokens from each other and from those of the owner', async () => {
  const hashes = new Set<string>();
  for (const token of [null, TOKEN, { ...TOKEN, id: 'tok_2' }]) {
    const { deps, send } = await watchSubmission({ token });
    const claim = vi.spyOn(deps.idempotency, 'claim');
    await send(submitImage, BYTES);
    hashes.add(claim.mock.calls[0]?.[1][0] ?? '');
  }
  expect(hashes.size).toBe(3);
});
