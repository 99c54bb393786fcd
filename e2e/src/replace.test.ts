import type { Image } from '@pixdock/contract/image';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from './harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { clocks, type Stack, startStack } from './harness/stack.js';

let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  stack = await startStack(clocks('sweep=1000'));
  picture = await photo(40, 30);
});
afterAll(() => stack.stop());

const replacing = (externalId: string) => ({ fields: { externalId, replace: 'true' } });
const list = async (query: string) =>
  (await ask<{ items: Image[] }>(stack, `/v1/images?${query}`)).body.items;

test('100 replacements at once leave the newest, and the current image is always found', async () => {
  await uploadAndWait(stack, picture, { fields: { externalId: 'sku-1' } });
  const seen: number[] = [];
  const current = async () => {
    const [found] = await list('externalId=sku-1&status=published&limit=1');
    seen.push(found === undefined ? 0 : 1);
    return found;
  };
  const sending = Array.from({ length: 100 }, () => upload(stack, picture, replacing('sku-1')));
  const sent = (await Promise.all(sending)).map(({ body }) => body);
  const newest = sent
    .map(({ createdAt, id }) => `${createdAt} ${id}`)
    .toSorted()
    .at(-1);
  await until('the older images to be deleted', 90, async () => {
    await current();
    const left = (await list('externalId=sku-1&limit=100')).length;
    return left === 1 ? true : null;
  });
  const last = await current();
  expect(`${last?.createdAt} ${last?.id}`).toBe(newest);
  expect(seen).not.toContain(0);
  const ids = sent.map(({ id }) => id.slice(4));
  const keys = (await listKeys(stack)).filter((key) => ids.some((id) => key.includes(id)));
  expect(keys.every((key) => key.includes(last?.id.slice(4) ?? '-'))).toBe(true);
});

test('keeps the old image if the new one fails', async () => {
  const old = await uploadAndWait(stack, picture, { fields: { externalId: 'sku-2' } });
  const broken = picture.subarray(0, picture.length / 2);
  expect((await uploadAndWait(stack, broken, replacing('sku-2'))).status).toBe('failed');
  const current = await list('externalId=sku-2&status=published&limit=1');
  expect(current.map(({ id }) => id)).toEqual([old.id]);
});

test('replaces after a loss of Redis that came before it', async () => {
  const old = await uploadAndWait(stack, picture, { fields: { externalId: 'sku-3' } });
  const next = await uploadAndWait(stack, picture, replacing('sku-3'));
  stack.redis.cli('FLUSHALL');
  await until('the old image to be deleted', 60, async () => {
    const { status, body } = await ask(stack, `/v1/images/${old.id}`);
    return status === 200 && body.status === 'deleted' ? true : null;
  });
  expect((await untilFinal(stack, next.id)).status).toBe('published');
});

test.each<[string, Record<string, string>, string]>([
  ['without an externalId', { replace: 'true' }, 'needs an externalId'],
  ['that is not a boolean', { replace: 'yes', externalId: 'a' }, '`replace` is neither true nor false'],
])('refuses a replacement %s', async (_, fields, reason) => {
  const { status, body } = await upload(stack, picture, { fields });
  expect([status, body.code]).toEqual([400, 'invalid_request']);
  expect(body.detail).toContain(reason);
});

test('refuses replacements with an upload token, and in a batch with reuse', async () => {
  const { token } = (await ask<UploadToken>(stack, '/v1/upload-tokens', { method: 'POST' })).body;
  const headers = { Authorization: `Bearer ${token}` };
  const refused = await upload(stack, picture, { ...replacing('sku-1'), headers });
  expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
  const batch = await ask(stack, '/v1/batches?replace=true&reuse=url', {
    method: 'POST',
    body: 'url,externalId\nhttps://pictures.invalid/1.jpg,a\n',
    headers: { 'Content-Type': 'text/csv' },
  });
  expect([batch.status, batch.body.detail]).toEqual([400, expect.stringContaining('exclude each other')]);
});
