import type { Batch } from '@pixdock/contract/batch';
import type { Image, KeptImage } from '@pixdock/contract/image';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from './harness/bucket.js';
import { type ApiResponse, ask, OTHER, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { clocks, type Stack, startStack } from './harness/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(clocks('sweep=1000'));
});
afterAll(() => stack.stop());

const SOON = { deleteAfterSeconds: '1' };
const DAY = { deleteAfterSeconds: '86400' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const post = <T = Image>(path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  ask<T>(stack, path, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } });
const keepAll = (ids: string[], headers = {}) =>
  post<{ items: KeptImage[] }>('/v1/images/keep', { ids }, headers);
const read = async (id: string) => (await ask(stack, `/v1/images/${id}`)).body;
const secondsToDeletion = ({ createdAt, deleteAt }: Image) =>
  (Date.parse(deleteAt ?? '') - Date.parse(createdAt)) / 1000;

const untilDeleted = (id: string) =>
  until(`${id} to be deleted`, 60, async () => ((await read(id)).status === 'deleted' ? true : null));

test('deletes an image with its objects at its time, and no image without a time', async () => {
  const lasting = await uploadAndWait(stack, await photo());
  const expiring = (await upload(stack, await photo(), { fields: { ...SOON, externalId: 'form-7' } })).body;
  expect(secondsToDeletion(expiring)).toBe(1);
  await untilDeleted(expiring.id);
  expect(await read(expiring.id)).toMatchObject({ externalId: null, deleteAt: null, variants: {} });
  const keys = await listKeys(stack);
  expect(keys.some((key) => key.includes(expiring.id.slice(4)))).toBe(false);
  expect(keys.some((key) => key.includes(lasting.id.slice(4)))).toBe(true);
  expect(await read(lasting.id)).toMatchObject({ status: 'published', deleteAt: null });
});

test('takes the time from a query, from JSON, from rows and from Upload-Metadata', async () => {
  const raw = await ask(stack, '/v1/images?deleteAfterSeconds=86400', { method: 'POST', body: await body() });
  expect(secondsToDeletion(raw.body)).toBe(86_400);
  const json = await post('/v1/images', {
    url: 'https://pictures.invalid/1.jpg',
    deleteAfterSeconds: 86_400,
  });
  expect(secondsToDeletion(json.body)).toBe(86_400);
  const items = ['1', '2'].map((name) => ({ url: `https://pictures.invalid/${name}.jpg` }));
  const rows = { items: [{ ...items[0], deleteAfterSeconds: 60 }, items[1]] };
  const batch = await post<Batch>('/v1/batches?deleteAfterSeconds=86400', rows);
  expect(await secondsOfItems(batch.body)).toEqual([60, 86_400]);
  const csv = 'url,deleteAfterSeconds\nhttps://pictures.invalid/3.jpg,60\nhttps://pictures.invalid/4.jpg,\n';
  const sheet = await ask<Batch>(stack, '/v1/batches', {
    method: 'POST',
    body: csv,
    headers: { 'Content-Type': 'text/csv' },
  });
  expect(await secondsOfItems(sheet.body)).toEqual([60, Number.NaN]);
  const bytes = await photo();
  const metadata = `deleteAfterSeconds ${Buffer.from('86400').toString('base64')}`;
  const resumable = await ask(stack, '/v1/uploads', {
    method: 'POST',
    body: new Uint8Array(bytes),
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.length),
      'Upload-Metadata': metadata,
      'Content-Type': 'application/offset+octet-stream',
    },
  });
  expect(secondsToDeletion(await read(resumable.headers.get('Pixdock-Id') ?? ''))).toBe(86_400);
});

const body = async () => new Uint8Array(await photo());

async function secondsOfItems({ id }: Batch): Promise<number[]> {
  const { items } = (await ask<{ items: Image[] }>(stack, `/v1/batches/${id}/items`)).body;
  return items.map(secondsToDeletion);
}

test.each(['0', '-1', '1.5', 'tomorrow', '31536001'])('refuses a time of %s', async (deleteAfterSeconds) => {
  const { status, body: problem } = await upload(stack, await photo(), { fields: { deleteAfterSeconds } });
  expect([status, problem.code]).toEqual([400, 'invalid_request']);
  expect(problem.detail).toContain('`deleteAfterSeconds` is not a whole number of seconds');
});

test('images of an upload token get its deletion time, whatever the page sends', async () => {
  const { token } = (await post<UploadToken>('/v1/upload-tokens', { deleteAfterSeconds: 3600 })).body;
  const headers = { Authorization: `Bearer ${token}` };
  for (const fields of [{}, DAY])
    expect(secondsToDeletion((await upload(stack, await photo(), { fields, headers })).body)).toBe(3600);
});

test('keeps images idempotently, and says which ones cannot be kept', async () => {
  const [one, two] = [await uploadAndWait(stack, await photo(), { fields: DAY }), await never()];
  const gone = await uploadAndWait(stack, await photo(), { fields: SOON });
  await untilDeleted(gone.id);
  const kept = await post(`/v1/images/${one.id}/keep`);
  expect([kept.status, kept.body.deleteAt]).toEqual([200, null]);
  expect((await post(`/v1/images/${one.id}/keep`)).body.version).toBe(kept.body.version);
  const unknown = `img_${'0'.repeat(32)}`;
  const ids = [one.id, two.id, two.id, gone.id, unknown];
  const results = [
    { id: one.id, kept: true, code: null },
    { id: two.id, kept: true, code: null },
    { id: gone.id, kept: false, code: 'already_deleted' },
    { id: unknown, kept: false, code: 'not_found' },
  ];
  for (let i = 0; i < 2; i++)
    expect(await keepAll(ids)).toMatchObject({ status: 200, body: { items: results } });
  expect(await post(`/v1/images/${gone.id}/keep`)).toMatchObject({
    status: 409,
    body: { code: 'already_deleted' },
  });
  expect((await keepAll([])).status).toBe(400);
});

const never = async () => (await upload(stack, await photo(), { fields: DAY })).body;

test('cannot keep the image of another owner', async () => {
  const { id } = await never();
  expect((await keepAll([id], OTHER)).body.items).toEqual([{ id, kept: false, code: 'not_found' }]);
  expect((await post(`/v1/images/${id}/keep`, {}, OTHER)).status).toBe(404);
  expect((await read(id)).deleteAt).not.toBeNull();
});

test('a loss of Redis neither cancels a deletion nor deletes a kept image', async () => {
  const fields = { deleteAfterSeconds: '12' };
  const [expiring, lasting] = [await photo(), await photo()].map((bytes) =>
    uploadAndWait(stack, bytes, { fields }),
  );
  const [expiringImage, lastingImage] = [await expiring, await lasting] as [Image, Image];
  expect((await post(`/v1/images/${lastingImage.id}/keep`)).status).toBe(200);
  stack.redis.cli('FLUSHALL');
  const restored: ApiResponse = await until('the restore', 30, async () => {
    const found = await ask(stack, `/v1/images/${lastingImage.id}`);
    return found.status === 200 ? found : null;
  });
  expect(restored.body.deleteAt).toBeNull();
  await untilDeleted(expiringImage.id);
  expect(await read(lastingImage.id)).toMatchObject({ status: 'published', deleteAt: null });
});

test('deletes an image that became due while no worker ran', async () => {
  const image = await uploadAndWait(stack, await photo(), { fields: SOON });
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  await stack.restartWorker();
  await untilFinal(stack, image.id);
  await untilDeleted(image.id);
});
