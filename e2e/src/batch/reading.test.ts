import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { expectWhole } from './expect-whole.js';
import { report, reportLines } from './reports.js';
import { itemsOf, pages, type Row, readBatch, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

/** 128 items of the stalling host start; the others are skipped. */
const ROWS = 500;
/** One of this many first rows does not stall. */
const EACH = 10;
const QUICK = 30;

let stack: BatchStack;
let batch: Batch;
let all: Image[];
beforeAll(async () => {
  stack = await startBatchStack();
  batch = await submit(
    stack,
    Array.from({ length: ROWS }, (_, i) => rowAt(i)),
  );
  await untilBatch(stack, batch.id, 'to have its quick rows done', ({ counts }) => {
    return counts.published === QUICK / 3 && counts.failed === (QUICK / 3) * 2;
  });
  all = await itemsOf(stack, batch.id);
});
afterAll(() => stack.stop());

function rowAt(i: number): Row {
  const externalId = `row-${i + 1}`;
  if (i % EACH !== 0 || i >= QUICK * EACH) return { url: `${stack.other.url}/stall/${i}`, externalId };
  const quick = [`${stack.source.url}/image/a/${i}`, `${stack.source.url}/status/404?${i}`, 'no address'];
  return { url: quick[(i / EACH) % 3] ?? '', externalId };
}

const rowsOf = (items: readonly { row: number | null }[]) => items.map(({ row }) => row ?? 0);
const expected = (kind: number) => Array.from({ length: QUICK / 3 }, (_, i) => (3 * i + kind) * EACH + 1);

test('pages items in row order, by status and by code, while most rows are untouched', async () => {
  expect(rowsOf(all)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
  expect(all.map(({ externalId }) => externalId)).toEqual(rowsOf(all).map((row) => `row-${row}`));
  expect(new Set(all.map(({ id }) => id)).size).toBe(ROWS);

  expect(rowsOf(await itemsOf(stack, batch.id, '?status=published'))).toEqual(expected(0));
  expect(rowsOf(await itemsOf(stack, batch.id, '?code=source_not_found'))).toEqual(expected(1));
  expect(rowsOf(await itemsOf(stack, batch.id, '?code=invalid_row'))).toEqual(expected(2));
  const failed = await pages(stack, `/v1/batches/${batch.id}/items?status=failed`, 7);
  expect(rowsOf(failed)).toEqual([...expected(1), ...expected(2)].toSorted((a, b) => a - b));
  const invalid = await pages(stack, `/v1/images?batchId=${batch.id}&code=invalid_row`);
  expect(rowsOf(invalid).toSorted((a, b) => a - b)).toEqual(expected(2));
  expect(await pages(stack, `/v1/images?batchId=${batch.id}&until=${batch.createdAt}`)).toEqual([]);
});

test('lists waiting items as queued, also those that the batch has not reached', async () => {
  const queued = await itemsOf(stack, batch.id, '?status=queued');
  const processing = await itemsOf(stack, batch.id, '?status=processing');
  const found = rowsOf(queued);
  expect(found).toEqual([...new Set(found)].toSorted((a, b) => a - b));
  // Eight stalling items at a time may change between the two calls, at most once each.
  expect(found.length + processing.length).toBeGreaterThan(ROWS - QUICK - 16);
  expect(found.at(-1)).toBe(ROWS);
  expect(queued.filter(({ status }) => status !== 'queued').length).toBeLessThan(8);
  const { status, body } = await ask(stack, `/v1/batches/${batch.id}/items?status=queued&code=invalid_row`);
  expect([status, body.code]).toEqual([400, 'invalid_request']);
});

test('serves an item that its batch has not reached as an image that can be deleted', async () => {
  const last = all.at(-1) as Image;
  expect(stack.redis.cli('EXISTS', `{pixdock}:image:${last.id}`)).toBe('0');
  const read = await ask(stack, `/v1/images/${last.id}`);
  expect(read).toMatchObject({
    status: 200,
    body: { id: last.id, status: 'queued', row: ROWS, batchId: batch.id },
  });
  expect(read.headers.get('etag')).toBe(`"${read.body.version}"`);
  expect(read.body).toEqual(last);
  const etag = { 'If-None-Match': read.headers.get('etag') ?? '' };
  expect((await ask(stack, `/v1/images/${last.id}`, { headers: etag })).status).toBe(304);

  const deletion = await ask(stack, `/v1/images/${last.id}`, { method: 'DELETE' });
  expect(deletion.status).toBe(202);
  expect(deletion.body.version).toBeGreaterThan(read.body.version);
  await until('it to be deleted', 20, async () => {
    const { body } = await ask(stack, `/v1/images/${last.id}`, { headers: { Prefer: 'wait=5' } });
    return body.status === 'deleted' ? body : null;
  });
  const { body } = await readBatch(stack, batch.id);
  expect(body.counts.deleted).toBe(1);
  const deleted = await itemsOf(stack, batch.id, '?status=deleted');
  expect(deleted.map(({ id, row, externalId }) => [id, row, externalId])).toEqual([[last.id, null, null]]);
});

test('reports all rows in order while the batch runs', async () => {
  const lines = await reportLines(stack, batch.id);
  // The last item is deleted.
  const kept = all.slice(0, -1);
  expect(lines.map(({ row, externalId }) => [row, externalId])).toEqual([
    ...kept.map(({ row, externalId }) => [row, externalId]),
    [null, null],
  ]);
  const csv = (await report(stack, batch.id, 'csv')).split('\r\n');
  expect(csv).toHaveLength(1 + ROWS + 1);
  expect(csv.slice(1, -2).map((line) => /,(\d+),img_\w+,row-\d+,/.exec(line)?.[1])).toEqual(
    kept.map(({ row }) => String(row)),
  );
  const statuses = lines.map(({ status }) => status);
  expect(statuses.filter((status) => status === 'published')).toHaveLength(QUICK / 3);
  expect((await readBatch(stack, batch.id)).body.status).toBe('running');
});

test('lists all items of a canceled batch, also by batchId', async () => {
  expect((await ask(stack, `/v1/batches/${batch.id}/cancel`, { method: 'POST' })).status).toBe(202);
  const { status, counts } = await untilFinished(stack, batch.id);
  expect({ status, ...counts }).toMatchObject({
    status: 'canceled',
    published: QUICK / 3,
    failed: (QUICK / 3) * 2,
    canceled: ROWS - QUICK - 1,
    deleted: 1,
  });
  const items = await expectWhole(stack, [batch.id]);
  const listed = await pages(stack, `/v1/images?batchId=${batch.id}`);
  expect(listed.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted());
  const named = await ask<{ items: Image[] }>(stack, `/v1/images?externalId=row-1`);
  expect(named.body.items.map(({ id }) => id)).toEqual([items[0]?.id]);
  const batches = await ask<{ items: Batch[] }>(stack, '/v1/batches');
  expect(batches.body.items.map(({ id }) => id)).toEqual([batch.id]);
});
