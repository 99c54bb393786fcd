import type { Image } from '@pixdock/contract/image';
import type { SourceImage } from '@pixdock/shared/testing/source-behaviours';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask } from '../harness/client.js';
import { expectWhole } from './expect-whole.js';
import { report, reportLines } from './reports.js';
import {
  accepted,
  itemsOf,
  ndjson,
  type Row,
  readBatch,
  send,
  submit,
  untilBatch,
  untilFinished,
} from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';

let stack: BatchStack;
let host: SourceServer;
const images: Record<string, SourceImage> = {};
const made: string[] = [];

beforeAll(async () => {
  host = await startSourceServer({ images });
  stack = await startBatchStack({}, [host.host]);
});
afterAll(async () => {
  await stack.stop();
  await host.stop();
});

/** Serves a picture at `/image/NAME`, of which each size has other bytes and another ETag. */
async function serve(name: string, size: number): Promise<Row> {
  images[name] = { bytes: await tiny(size), type: 'image/jpeg', etag: `"${name}-${size}"` };
  return { url: `${host.url}/image/${name}`, externalId: name };
}

async function run(rows: readonly Row[], query = ''): Promise<Image[]> {
  const { id } = await submit(stack, rows, { query });
  made.push(id);
  await untilFinished(stack, id);
  return itemsOf(stack, id);
}

const statusOf = async (url: string | null) => (await fetch(url ?? '')).status;
const countObjects = async () => (await listKeys(stack)).length;

async function lookUp(sought: readonly Image[]): Promise<string[]> {
  const sha256 = sought.map(({ source }) => source.sha256);
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images/lookup', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ sha256 }),
  });
  return body.items.map(({ id }) => id);
}

/** Deletes an image, and waits until it is deleted. */
async function remove(id: string): Promise<void> {
  const path = `/v1/images/${id}`;
  await ask(stack, path, { method: 'DELETE' });
  await expect.poll(async () => (await ask(stack, path)).body.status, { timeout: 20_000 }).toBe('deleted');
}

test('makes unchanged rows the images that they are, and only changed rows new ones', async () => {
  const rows = await Promise.all(['one', 'two', 'three'].map((name) => serve(name, 30)));
  const before = await run(rows);
  await serve('two', 31);
  const objects = await countObjects();
  const hits = host.hits('/image/one');
  const [one] = rows;
  const after = await run([...rows, { url: one?.url ?? '', externalId: 'twin' }], '?reuse=url');
  expect(after.map(({ status, reusedId }) => [status, reusedId])).toEqual([
    ['published', before[0]?.id],
    ['published', null],
    ['published', before[2]?.id],
    ['published', before[0]?.id],
  ]);
  // One for the two rows.
  expect(host.hits('/image/one')).toBe(hits + 1);
  // The item has its own id and externalId, and the variants of the image.
  expect(after[0]).toMatchObject({ externalId: 'one', url: before[0]?.url, variants: before[0]?.variants });
  expect(after[0]?.id).not.toBe(before[0]?.id);
  expect(after[0]?.source).toEqual(before[0]?.source);
  expect(await countObjects()).toBe(objects + 2);
  const batchId = after[0]?.batchId ?? '';
  expect((await readBatch(stack, batchId)).body.counts).toMatchObject({ published: 4, failed: 0 });

  const lines = await reportLines(stack, batchId);
  expect(lines.map(({ id, url, reusedId }) => [id, url, reusedId])).toEqual(
    after.map(({ id, url, reusedId }) => [id, url, reusedId]),
  );
  expect(await report(stack, batchId, 'csv')).toContain(`,${before[0]?.id},1,${rows[0]?.url}\r\n`);
  // One of the images with these bytes, and not the item.
  expect(before.map(({ id }) => id)).toEqual(expect.arrayContaining(await lookUp(after.slice(0, 1))));
});

test('gives a row that is sent again the image of its externalId, of several with the same bytes', async () => {
  const rows = ['same-1', 'same-2', 'same-3'].map(async (name) => serve(name, 33));
  const before = await run(await Promise.all(rows));
  for (const reuse of ['url', 'content', 'content'])
    expect((await run(await Promise.all(rows), `?reuse=${reuse}`)).map(({ url }) => url)).toEqual(
      before.map(({ url }) => url),
    );
  const url = `${host.url}/image/same-1`;
  const shared = await Promise.all(rows).then((all) =>
    run(
      all.map((row) => ({ ...row, url })),
      '?reuse=url',
    ),
  );
  expect(shared.map(({ reusedId }) => reusedId)).toEqual(before.map(({ id }) => id));
});

test('does so for rows with several images, too', async () => {
  const names = ['many-1', 'many-2', 'many-3'];
  const rows = ['coat', 'hat'].flatMap((externalId) =>
    names.map(async (name, i) => ({ ...(await serve(name, 50 + i)), externalId })),
  );
  const before = await run(await Promise.all(rows));
  const after = await run(await Promise.all(rows), '?reuse=content');
  expect(after.map(({ reusedId }) => reusedId)).toEqual(before.map(({ id }) => id));
});

test('keeps the objects of a reused image when the item or its batch is deleted', async () => {
  const rows = [await serve('kept-1', 40), await serve('kept-2', 41)];
  const before = await run(rows);
  const after = await run(rows, '?reuse=url');
  const batchId = after[0]?.batchId ?? '';
  await remove(after[0]?.id ?? '');
  await ask(stack, `/v1/batches/${batchId}`, { method: 'DELETE' });
  await untilFinished(stack, batchId);
  const { body } = await readBatch(stack, batchId);
  expect(body.counts.deleted).toBe(2);
  for (const { id, url } of before) {
    expect(await statusOf(url)).toBe(200);
    expect((await ask(stack, `/v1/images/${id}`)).body.status).toBe('published');
  }
  expect((await ask(stack, `/v1/images/${after[0]?.id}`)).body.status).toBe('deleted');
});

test('fetches a row again whose image was deleted, and keeps showing the URL of an item that has become it', async () => {
  const row = await serve('gone', 42);
  const [image] = await run([row]);
  const [item] = await run([row], '?reuse=url');
  await remove(image?.id ?? '');
  expect(await statusOf(item?.url ?? null)).toBe(404);
  const { body } = await ask(stack, `/v1/images/${item?.id}`);
  expect(body).toMatchObject({ status: 'published', reusedId: image?.id, url: image?.url });
  const [again] = await run([row], '?reuse=url');
  expect(again).toMatchObject({ status: 'published', reusedId: null });
  expect(await statusOf(again?.url ?? null)).toBe(200);
  await remove(item?.id ?? '');
});

test('recognizes equal bytes of another URL without storing them again', async () => {
  const [image] = await run([await serve('bytes-1', 43)]);
  const objects = await countObjects();
  const other = await serve('bytes-2', 43);
  const [item] = await run([other], '?reuse=content');
  expect(item).toMatchObject({ reusedId: image?.id, url: image?.url, source: { url: other.url } });
  expect(await countObjects()).toBe(objects);
  // The next look-up finds the image by this URL, too.
  const hits = host.hits('/image/bytes-2');
  const [next] = await run([other], '?reuse=url');
  expect([next?.reusedId, host.hits('/image/bytes-2')]).toEqual([image?.id, hits + 1]);
});

test('recognizes the files of a form, whose field says so', async () => {
  const form = (bytes: Buffer) => {
    const body = new FormData();
    body.append('file', new Blob([new Uint8Array(bytes)]), 'a.jpg');
    body.append('reuse', 'content');
    return body;
  };
  const bytes = await tiny(44);
  const ids: Image[] = [];
  for (let i = 0; i < 2; i++) {
    const { id } = accepted(await send(stack, form(bytes)));
    made.push(id);
    await untilFinished(stack, id);
    ids.push(...(await itemsOf(stack, id)));
  }
  expect(ids.map(({ reusedId }) => reusedId)).toEqual([null, ids[0]?.id]);
});

test('reads reuse in JSON, and refuses other values and two of them', async () => {
  const json = { type: 'application/json' };
  const row = await serve('json', 45);
  const [image] = await run([row]);
  const body = JSON.stringify({ reuse: 'content, url', items: [row] });
  const { id } = accepted(await send(stack, body, json));
  made.push(id);
  await untilFinished(stack, id);
  expect((await itemsOf(stack, id))[0]?.reusedId).toBe(image?.id);
  const refusals = [
    await send(stack, ndjson([row]), { query: '?reuse=name' }),
    await send(stack, JSON.stringify({ items: [row], reuse: ['url'] }), json),
    await send(stack, body, { ...json, query: '?reuse=url' }),
  ];
  expect(refusals.map((refusal) => [refusal.status, refusal.body.code])).toEqual(
    refusals.map(() => [400, 'invalid_request']),
  );
  expect(refusals[0]?.body.detail).toBe('`reuse` is neither url, content nor url,content: "name"');
});

test('survives a loss of Redis between two batches and in the middle of one', async () => {
  const rows = await Promise.all(Array.from({ length: 30 }, (_, i) => serve(`lost-${i}`, 50 + i)));
  const before = await run(rows);
  stack.redis.cli('FLUSHALL');
  await expect.poll(async () => (await lookUp(before)).length, { timeout: 30_000 }).toBe(rows.length);
  const after = await run(rows, '?reuse=url');
  expect(after.map(({ reusedId }) => reusedId)).toEqual(before.map(({ id }) => id));

  const { id } = await submit(stack, rows, { query: '?reuse=url' });
  made.push(id);
  await untilBatch(stack, id, 'to have begun', ({ counts }) => counts.published > 0);
  stack.redis.cli('FLUSHALL');
  await untilFinished(stack, id);
  const items = await itemsOf(stack, id);
  expect(items.map(({ status }) => status)).toEqual(rows.map(() => 'published'));
  for (const { url } of items) expect(await statusOf(url)).toBe(200);
  for (const item of items.filter(({ reusedId }) => reusedId !== null))
    expect(item.variants).toEqual(before.find((image) => image.id === item.reusedId)?.variants);
});

test('leaves the bucket with the objects of images only', async () => {
  await expectWhole(stack, made);
});
