import type { Image } from '@pixdock/contract/image';
import { hashIdempotencyKey } from '@pixdock/shared/state/idempotency/idempotency';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiResponse, ask, OTHER, until, upload } from '../harness/client.js';
import { liveIds } from '../harness/leftovers.js';
import { chunked, openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike, untilArriving } from './support.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly();
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
let keys = 0;
const newKey = () => `key-${++keys}`;
const send = (key: string, fields: Record<string, string> = {}, bytes = BYTES, headers = {}) =>
  upload(stack, bytes, { fields, headers: { 'Idempotency-Key': key, ...headers } });

test('creates one image for 50 concurrent requests with one key', async () => {
  const key = newKey();
  const externalId = 'fifty';
  const all = async () => Promise.all(Array.from({ length: 50 }, () => send(key, { externalId })));
  const first = await all();
  const counts = new Map<number, number>();
  for (const { status } of first) counts.set(status, (counts.get(status) ?? 0) + 1);
  expect((counts.get(202) ?? 0) + (counts.get(409) ?? 0)).toBe(50);
  for (const { status, body, headers } of first)
    if (status === 409)
      expect([body.code, headers.get('retry-after')]).toEqual(['idempotency_in_progress', '1']);
  const again = await all();
  expect(again.map(({ status }) => status)).toEqual(again.map(() => 202));
  const ids = [...first.filter(({ status }) => status === 202), ...again].map(({ body }) => body.id);
  expect(new Set(ids).size).toBe(1);
  const list = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=${externalId}`);
  expect(list.body.items).toHaveLength(1);
});

test('returns the first response byte for byte to a repeat, however it is sent', async () => {
  const key = newKey();
  const fields = { externalId: 'a', metadata: '{"b":"2","a":"1"}' };
  const first = await send(key, fields);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  const same = { externalId: 'a', metadata: '{ "a": "1", "b": "2" }' };
  const repeats = [await send(`"${key}"`, same, BYTES, { 'Accept-Language': 'zh' })];
  const query = new URLSearchParams(same);
  const headers = { 'Idempotency-Key': key, 'Content-Type': 'image/png' };
  repeats.push(await ask(stack, `/v1/images?${query.toString()}`, { method: 'POST', body: BYTES, headers }));
  for (const repeat of repeats) {
    expect(repeat.status).toBe(202);
    expect(repeat.body).toEqual(first.body);
    expect(repeat.headers.get('location')).toBe(first.headers.get('location'));
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
  }
  await untilArriving(stack, 0);
});

test.each<[string, Record<string, string>, Buffer<ArrayBuffer>]>([
  ['another field', { externalId: 'b' }, BYTES],
  ['no field', {}, BYTES],
  ['other bytes', { externalId: 'a' }, jpegLike(5001)],
  ['another profile', { externalId: 'a', profile: 'compact' }, BYTES],
  ['metadata', { externalId: 'a', metadata: '{"a":"1"}' }, BYTES],
])('refuses the same key with %s as a conflict', async (_, fields, bytes) => {
  const key = newKey();
  const first = await send(key, { externalId: 'a' });
  expect(first.status).toBe(202);
  const before = liveIds(stack);
  const second = await send(key, fields, bytes);
  expect([second.status, second.body.code]).toEqual([422, 'idempotency_conflict']);
  await untilArriving(stack, 0);
  expect(liveIds(stack)).toEqual(before);
  expect((await send(key, { externalId: 'a' })).body.id).toBe(first.body.id);
});

test('refuses the same key with other source headers as a conflict', async () => {
  const importWith = (headers: Record<string, string>) =>
    ask(stack, '/v1/images', {
      method: 'POST',
      body: JSON.stringify({ url: 'https://pictures.example/1.jpg', headers }),
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    });
  const key = newKey();
  const first = await importWith({ referer: 'https://a.example/' });
  expect(first.status).toBe(202);
  const other = await importWith({ referer: 'https://b.example/' });
  expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
  expect((await importWith({ referer: 'https://a.example/' })).body.id).toBe(first.body.id);
});

test('separates the keys of two owners', async () => {
  const key = newKey();
  const mine = await send(key);
  const theirs = await send(key, {}, jpegLike(6000), OTHER);
  expect([mine.status, theirs.status]).toEqual([202, 202]);
  expect(theirs.body.owner).toBe('other');
  expect(theirs.body.id).not.toBe(mine.body.id);
});

test('frees the key of a refused request', async () => {
  const key = newKey();
  for (const refused of [
    await send(key, {}, Buffer.from('text')),
    await send(key, { external_id: 'sku-1' }),
    await send(key, { sha256: '0'.repeat(64) }),
    await send(key, {}, Buffer.alloc(0)),
  ])
    expect(refused.status).toBeGreaterThanOrEqual(400);
  const accepted = await send(key);
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get('idempotency-replayed')).toBeNull();
});

test('frees the key of a client that disconnects in the middle', async () => {
  const key = newKey();
  const connection = await openRaw(stack.api.url);
  const headers = { 'Idempotency-Key': key, 'Transfer-Encoding': 'chunked' };
  await connection.send(requestHead('POST', '/v1/images', headers), chunked(BYTES));
  await untilArriving(stack, 1);
  expect((await send(key)).status).toBe(409);
  connection.socket.destroy();
  await until('the key to be free', 20, async () => ((await send(key)).status === 202 ? true : null));
});

test.each(['', '""', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'sch\u00fcssel'])(
  'refuses the key %j',
  async (key) => {
    const { status, body } = await send(key);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  },
);

test('accepts a key of 255 characters', async () => {
  const key = 'k'.repeat(255);
  expect((await send(key)).status).toBe(202);
  expect((await send(`"${key}"`)).headers.get('idempotency-replayed')).toBe('true');
});

test('returns the staged image for the same key after a crash between staging and response', async () => {
  const key = newKey();
  const fields = { externalId: key };
  const waiting = send(key, fields, BYTES, { Prefer: 'wait=60' }).catch(() => null);
  const id = await until('the image to be accepted', 20, async () => {
    const { body } = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=${key}`);
    return body.items[0]?.id ?? null;
  });
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  expect(await waiting).toBeNull();
  await stack.restartApi();
  const early = await send(key, fields);
  expect([early.status, early.body.code]).toEqual([409, 'idempotency_in_progress']);
  runOut(key);
  await joins(key, fields, id);
});

test('does so even if the crash left neither record nor job', async () => {
  const key = newKey();
  const fields = { externalId: key };
  const { id } = (await send(key, fields)).body;
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  stack.redis.cli('DEL', `{pixdock}:image:${id}`);
  const jobs = `{pixdock}:queue:images:${id}-1`;
  expect(stack.redis.cli('DEL', jobs)).toBe('1');
  stack.redis.cli('ZREM', '{pixdock}:queue:images:prioritized', `${id}-1`);
  setClaim(key, { state: 'running', resourceId: id, leaseUntil: 0, claimToken: 'dead' });
  await stack.restartApi();
  await joins(key, fields, id);
  expect(stack.redis.cli('EXISTS', `{pixdock}:image:${id}`)).toBe('1');
  expect(stack.redis.cli('EXISTS', jobs)).toBe('1');
});

async function joins(key: string, fields: Record<string, string>, id: string): Promise<void> {
  const joined: ApiResponse = await send(key, fields);
  expect([joined.status, joined.body.id]).toEqual([202, id]);
  expect(joined.headers.get('idempotency-replayed')).toBe('true');
  const conflict = await send(key, { externalId: 'other' });
  expect([conflict.status, conflict.body.code]).toEqual([422, 'idempotency_conflict']);
  expect((await send(key, fields)).body.id).toBe(id);
}

/** Expires the lease of a crashed request. */
function runOut(key: string): void {
  const claim: { leaseUntil: number } = JSON.parse(stack.redis.cli('GET', claimKey(key)));
  setClaim(key, { ...claim, leaseUntil: 0 });
}

function setClaim(key: string, claim: object): void {
  stack.redis.cli('SET', claimKey(key), JSON.stringify(claim));
}

const claimKey = (key: string) =>
  `{pixdock}:idempotency:acme:${hashIdempotencyKey(testMetadataKeys(), key)[0]}`;

test('keeps the key of a crashed request for its image, even if another request sends the key first', async () => {
  const key = newKey();
  const { body } = await send(key);
  const dead = JSON.stringify({ state: 'running', resourceId: body.id, leaseUntil: 1, claimToken: 'dead' });
  stack.redis.cli('SET', claimKey(key), dead);
  const other = await send(key, {}, jpegLike(6000));
  expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
  expect((await send(key)).body.id).toBe(body.id);
});
