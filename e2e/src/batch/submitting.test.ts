import type { Batch } from '@pixdock/contract/batch';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { untilArriving } from '../api/support.js';
import { ask, OTHER, until, untilServed } from '../harness/client.js';
import { liveIds } from '../harness/leftovers.js';
import { BOUNDARY, chunked, filePart, openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { stagedBatches } from './expect-whole.js';
import { reportLines } from './reports.js';
import { accepted, type Body, itemsOf, ndjson, pages, rows, send } from './requests.js';
import { tiny } from './stack.js';
import { zipOf } from './zip.js';

const MAX_ITEMS = 60;

// Without a worker, a batch stays as it was accepted.
let stack: Stack;
let before: Record<'staged' | 'listed', string[]>;
beforeAll(async () => {
  stack = await startApiOnly({ MAX_BATCH_ITEMS: String(MAX_ITEMS), SOURCE_ALLOW: 'images.example:443' });
});
beforeEach(async () => {
  before = { staged: await stagedBatches(stack), listed: await batches() };
});
afterAll(() => stack.stop());

const SOURCE = 'https://images.example';
const line = (i: number) => Buffer.from(ndjson(rows(SOURCE, i + 1).slice(i)));
const batches = async () => (await pages<Batch>(stack, '/v1/batches')).map(({ id }) => id);
const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

/** Expects only these batches and those from before the test. */
async function expectOnly(...ids: string[]): Promise<void> {
  await untilArriving(stack, 0);
  expect((await stagedBatches(stack)).toSorted()).toEqual([...ids, ...before.staged].toSorted());
  expect((await batches()).toSorted()).toEqual([...ids, ...before.listed].toSorted());
  expect(await liveIds(stack)).toEqual([]);
}

test('shows a whole untouched batch', async () => {
  const { id } = accepted(await send(stack, ndjson(rows(SOURCE, 50))));
  const items = await itemsOf(stack, id);
  const queued = await pages(stack, `/v1/batches/${id}/items?status=queued`, 7);
  expect(queued).toEqual(items);
  expect(items.map(({ row }) => row)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect(await itemsOf(stack, id, '?status=published')).toEqual([]);
  expect((await reportLines(stack, id)).map((reported) => [reported.row, reported.id])).toEqual(
    items.map((item) => [item.row, item.id]),
  );
  const image = await ask(stack, `/v1/images/${items[17]?.id}`);
  expect(image).toMatchObject({ status: 200, body: { status: 'queued', row: 18, batchId: id } });
  const theirs = await untilServed(() => ask(stack, `/v1/images/${items[17]?.id}`, { headers: OTHER }));
  expect(theirs.status).toBe(404);
});

test('creates one batch for an Idempotency-Key in every format', async () => {
  const jpeg = await tiny(20);
  const form = (name: string) => {
    const data = new FormData();
    data.append('file', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), name);
    return data;
  };
  const bodies: [body: () => Body, other: () => Body, type: string][] = [
    [() => ndjson(rows(SOURCE, 5)), () => ndjson(rows(SOURCE, 6)), 'application/x-ndjson'],
    [() => `url\n${SOURCE}/a\n`, () => `url\n${SOURCE}/b\n`, 'text/csv'],
    [() => zipOf({ 'a.jpg': jpeg }), () => zipOf({ 'b.jpg': jpeg }), 'application/zip'],
    // The boundary differs each time.
    [() => form('a.jpg'), () => form('b.jpg'), ''],
  ];
  const made: string[] = [];
  for (const [i, [body, other, type]] of bodies.entries()) {
    const first = await send(stack, body(), { type, ...keyed(`key-${i}`) });
    const { id } = accepted(first);
    made.push(id);
    const again = await send(stack, body(), { type, ...keyed(`key-${i}`) });
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(`/v1/batches/${id}`);
    const conflict = await send(stack, other(), { type, ...keyed(`key-${i}`) });
    expect(conflict).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } });
    // The profile is part of the request, although not of its body.
    const avatar = await send(stack, body(), { type, query: '?profile=avatar', ...keyed(`key-${i}`) });
    expect(avatar).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } });
  }
  await expectOnly(...made);
  const others = await send(stack, ndjson(rows(SOURCE, 5)), {
    headers: { ...keyed('key-0').headers, ...OTHER },
  });
  expect(others.status).toBe(202);
  expect(await batches()).not.toContain(others.body.id);
});

test('creates one batch for twenty concurrent requests with one Idempotency-Key', async () => {
  const input = ndjson(rows(SOURCE, 20));
  const responses = await Promise.all(Array.from({ length: 20 }, () => send(stack, input, keyed('at-once'))));
  const [id = ''] = await batches();
  for (const { status, body } of responses)
    expect([status, status === 202 ? body.id : body.code]).toEqual(
      status === 202 ? [202, id] : [409, 'idempotency_in_progress'],
    );
  expect(accepted(await send(stack, input, keyed('at-once'))).id).toBe(id);
  await expectOnly(id);
});

test.each([
  ['NDJSON', 'application/x-ndjson', () => Buffer.concat([line(0), line(1), line(2).subarray(0, 20)])],
  ['CSV', 'text/csv', () => Buffer.from(`url\n${SOURCE}/1\n${SOURCE}/2`)],
  ['JSON', 'application/json', () => Buffer.from(`{"items":[{"url":"${SOURCE}/1"},{"url":"${SOURCE}/2"}`)],
  ['ZIP', 'application/zip', () => zipOf({ 'a.jpg': Buffer.alloc(5000, 7) }).subarray(0, -8)],
  [
    'a form',
    `multipart/form-data; boundary=${BOUNDARY}`,
    () => Buffer.concat([filePart(Buffer.alloc(5000, 7)), filePart(Buffer.alloc(5000, 8)).subarray(0, 3000)]),
  ],
])('keeps nothing of a truncated %s, and frees its key', async (form, type, body) => {
  const made: string[] = [];
  for (const framing of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': '100000' }]) {
    const isChunked = 'Transfer-Encoding' in framing;
    const key = `cut ${form} ${made.length}`;
    const headers = { 'Content-Type': type, 'Idempotency-Key': key, ...framing };
    const connection = await openRaw(stack.api.url);
    const bytes = body();
    await connection.send(requestHead('POST', '/v1/batches', headers), isChunked ? chunked(bytes) : bytes);
    await untilArriving(stack, 1);
    connection.socket.destroy();
    await expectOnly(...made);
    // A key that is not freed stays claimed for 20 s.
    const id = await until('its key to be free', 10, async () => {
      const response = await send(stack, ndjson(rows(SOURCE, 1)), keyed(key));
      return response.status === 202 ? response.body.id : null;
    });
    made.push(id);
  }
});

test('refuses too many items while the body still arrives', async () => {
  const many = MAX_ITEMS + 1;
  const bodies: [string, Buffer][] = [
    ['application/x-ndjson', Buffer.from(ndjson(rows(SOURCE, many)))],
    // The encoding is detected in the first 64 KiB, and the end of a row at the start of the next one.
    ['text/csv', Buffer.from(`url,note\n${`${SOURCE}/1,${'x'.repeat(1200)}\n`.repeat(many + 1)}`)],
    ['application/json', Buffer.from(`{"items":[${Array(many).fill(`{"url":"${SOURCE}/1"}`).join()}`)],
    [
      `multipart/form-data; boundary=${BOUNDARY}`,
      Buffer.concat(Array.from({ length: many }, () => filePart(Buffer.alloc(10, 1)))),
    ],
  ];
  for (const [type, bytes] of bodies)
    for (const query of ['', '?dryRun=true']) {
      const headers = { 'Content-Type': type, 'Transfer-Encoding': 'chunked' };
      const connection = await openRaw(stack.api.url);
      await connection.send(requestHead('POST', `/v1/batches${query}`, headers), chunked(bytes));
      const response = await connection.response({ seconds: 5 }).catch(() => null);
      connection.socket.destroy();
      expect([type, response?.status, JSON.parse(response?.body ?? '{}').code]).toEqual([
        type,
        413,
        'too_many_items',
      ]);
    }
  const zip = zipOf(
    Object.fromEntries(Array.from({ length: many }, (_, i) => [`${i}.jpg`, Buffer.from('x')])),
  );
  const refused = await send(stack, zip, { type: 'application/zip' });
  expect(refused).toMatchObject({ status: 413, body: { code: 'too_many_items' } });
  await expectOnly();
  expect((await send(stack, ndjson(rows(SOURCE, MAX_ITEMS)))).status).toBe(202);
});
