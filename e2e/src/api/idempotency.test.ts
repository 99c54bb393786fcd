import type { Image } from '@pixdock/contract/image';
import { hashIdempotencyKey } from '@pixdock/shared/state/idempotency/idempotency';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiResponse, ask, until, upload } from '../harness/client.js';
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

test('does so if another API crashed before it created record and job', async () => {
  const key = newKey();
  const fields = { externalId: key };
  const { id } = (await send(key, fields)).body;
  stack.redis.cli('DEL', `{pixdock}:image:${id}`);
  const jobs = `{pixdock}:queue:images:${id}-1`;
  expect(stack.redis.cli('DEL', jobs)).toBe('1');
  stack.redis.cli('ZREM', '{pixdock}:queue:images:prioritized', `${id}-1`);
  setClaim(key, { state: 'running', resourceId: id, leaseUntil: 0, claimToken: 'dead' });
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
