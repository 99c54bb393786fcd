import { existsSync, rmSync } from 'node:fs';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until } from '../harness/client.js';
import { expectWhole, untilBuried } from './expect-whole.js';
import { reportLines } from './reports.js';
import { accepted, itemsOf, readBatch, rows, send, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';
import { zipOf } from './zip.js';

let stack: BatchStack;
const made: string[] = [];
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

async function begin(items: readonly object[]): Promise<string> {
  const { id } = await submit(stack, items);
  made.push(id);
  return id;
}

/** The items of the newest batch, after all batches are consistent. */
async function expectAllWhole(): Promise<Image[]> {
  const id = made.at(-1);
  return (await expectWhole(stack, made)).filter(({ batchId }) => batchId === id);
}

const change = (id: string, what: 'cancel' | 'retry' | 'delete', query = '') =>
  what === 'delete'
    ? ask<Batch>(stack, `/v1/batches/${id}`, { method: 'DELETE' })
    : ask<Batch>(stack, `/v1/batches/${id}/${what}${query}`, { method: 'POST' });

/** A running batch: some items are published, some wait, some are being fetched from a slow source. */
async function halfDone(): Promise<Batch> {
  const { source, other } = stack;
  const id = await begin([
    ...rows(source.url, 20),
    ...rows(other.url, 30, 1500),
    { url: `${source.url}/status/404` },
    { url: 'no address' },
    ...rows(`${source.url}/image/b/${made.length}`, 99),
    // This item never finishes before the test ends.
    { url: `${other.url}/image/c/${made.length}?delay=9000` },
  ]);
  return untilBatch(stack, id, 'to be in the middle', ({ counts }) => counts.published >= 10);
}

test('cancels all items that are not final, and removes their files and objects', async () => {
  const { id, total } = await halfDone();
  const canceled = await change(id, 'cancel');
  expect(canceled.status).toBe(202);
  expect(canceled.headers.get('location')).toBe(`/v1/batches/${id}`);
  expect(canceled.body.cancelRequestedAt).not.toBeNull();
  const final = await untilFinished(stack, id);
  expect(final).toMatchObject({
    status: 'canceled',
    total,
    progress: 1,
    counts: { queued: 0, processing: 0 },
  });
  expect(final.counts.canceled).toBeGreaterThan(20);
  const hits = [stack.source.hits(), stack.other.hits()];

  const again = await change(id, 'cancel');
  expect([again.status, again.body]).toEqual([202, final]);
  expect(await change(id, 'retry')).toMatchObject({ status: 409, body: { code: 'not_retryable' } });
  // Some items have failed, but none can be retried.
  expect(final.counts.failed).toBeGreaterThan(0);
  const { materials } = batchFiles(stagingLayout(stack.dataDir).batch(id));
  await until('what it was made of to go', 20, async () => (existsSync(materials) ? null : true));

  const items = await expectAllWhole();
  const ended = items.filter(({ status }) => status === 'canceled');
  expect(ended).toHaveLength(final.counts.canceled);
  expect(ended.map(({ error }) => error?.code)).toEqual(ended.map(() => 'canceled'));
  expect(items.find(({ row }) => row === total)?.status).toBe('canceled');
  // A row that was invalid from the beginning is not canceled.
  expect(items.find(({ row }) => row === 52)?.error?.code).toBe('invalid_row');
  expect([stack.source.hits(), stack.other.hits()]).toEqual(hits);
});

test('deletes all objects and rows of a running batch, and reports all items as deleted', async () => {
  const { id, total } = await halfDone();
  const before = await itemsOf(stack, id);
  const asked = await change(id, 'delete');
  expect(asked.status).toBe(202);
  expect(asked.body.deleteRequestedAt).not.toBeNull();
  const final = await untilFinished(stack, id);
  expect(final.counts.deleted).toBe(total);
  expect(await expectAllWhole()).toEqual([]);
  const objects = await listKeys(stack);
  const ids = before.map((item) => item.id.slice('img_'.length));
  expect(objects.filter((key) => ids.some((deleted) => key.includes(deleted)))).toEqual([]);
  // A published item, an item without an attempt, and an invalid row.
  for (const place of [0, 100, 51]) {
    const path = `/v1/images/${before[place]?.id}`;
    expect(await ask(stack, path)).toMatchObject({ status: 200, body: { status: 'deleted', url: null } });
    expect((await ask(stack, path, { method: 'DELETE' })).status).toBe(202);
  }
  expect(stack.redis.cli('--scan', '--pattern', '*:image:*').split('\n')).not.toContainEqual(
    expect.stringMatching(ids.join('|')),
  );
  const again = await change(id, 'delete');
  expect([again.status, again.body]).toEqual([
    202,
    { ...final, version: again.body.version, updatedAt: again.body.updatedAt },
  ]);
  expect(await change(id, 'retry')).toMatchObject({ status: 409, body: { code: 'not_retryable' } });
});

test('deletes one item, then the finished batch', async () => {
  const { source } = stack;
  const id = await begin([...rows(source.url, 8), { url: `${source.url}/status/404` }]);
  const finished = await untilFinished(stack, id);
  const [first, second] = await itemsOf(stack, id);
  expect((await ask(stack, `/v1/images/${first?.id}`, { method: 'DELETE' })).status).toBe(202);
  const one = await untilBatch(stack, id, 'to have lost one', ({ counts }) => counts.deleted === 1);
  expect(one.counts).toMatchObject({ published: 7, failed: 1, deleted: 1 });
  expect([one.finishedAt, one.itemsPerSecond]).toEqual([finished.finishedAt, finished.itemsPerSecond]);
  await expectAllWhole();

  expect((await fetch(second?.url ?? '')).status).toBe(200);
  await change(id, 'delete');
  const all = await untilBatch(stack, id, 'to be deleted', ({ counts }) => counts.deleted === 9);
  expect(all.status).toBe('finished');
  expect((await fetch(second?.url ?? '')).status).toBe(404);
  expect(await expectAllWhole()).toEqual([]);
});

test('retries failed items by code, except those that cannot be retried', async () => {
  const { source } = stack;
  const passing = Array.from({ length: 5 }, (_, i) => ({
    url: `${source.url}/flaky/a?status=404&fails=5&${i}`,
  }));
  const denied = Array.from({ length: 3 }, (_, i) => ({ url: `${source.url}/status/403?${i}` }));
  const id = await begin([...passing, ...denied, { url: 'no address' }, ...rows(source.url, 2)]);
  const failed = await untilFinished(stack, id);
  expect(failed.counts).toMatchObject({ published: 2, failed: 9 });
  expect(source.hits('/status/403')).toBe(3);

  const retried = await change(id, 'retry', '?code=source_not_found');
  expect(retried.status).toBe(202);
  const some = await untilBatch(
    stack,
    id,
    'to finish with more published',
    ({ status, counts }) => status === 'finished' && counts.published === 7,
  );
  expect(some.version).toBeGreaterThan(failed.version);
  expect(some).toMatchObject({ status: 'finished', counts: { published: 7, failed: 4 } });
  const runs = async () =>
    (await itemsOf(stack, id)).map(({ status, error, run }) => `${error?.code ?? status} ${run}`);
  expect(await runs()).toEqual([
    ...passing.map(() => 'published 2'),
    ...denied.map(() => 'source_denied 1'),
    'invalid_row 1',
    'published 1',
    'published 1',
  ]);
  expect(source.hits('/status/403')).toBe(3);

  await change(id, 'retry');
  const last = await untilBatch(stack, id, 'to have tried all', ({ version, status }) => {
    return version >= some.version + 9 && status === 'finished';
  });
  expect(last.counts).toMatchObject({ published: 7, failed: 4 });
  expect((await runs()).slice(5, 9)).toEqual([...denied.map(() => 'source_denied 2'), 'invalid_row 1']);
  expect(source.hits('/status/403')).toBe(6);
  await expectAllWhole();
  expect((await readBatch(stack, id)).body.finishedAt).not.toBe(failed.finishedAt);

  const whole = await begin(rows(source.url, 1));
  await untilFinished(stack, whole);
  expect(await change(whole, 'retry')).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('has no failures') },
  });
  expect(await change(id, 'retry', '?code=nonsense')).toMatchObject({ status: 400 });
  expect(await change(id, 'retry', '?code=invalid_row')).toMatchObject({
    status: 409,
    body: { code: 'not_retryable' },
  });
});

test('accepts the code of a retry in JSON, and no other member', async () => {
  const { source } = stack;
  const id = await begin([
    { url: `${source.url}/status/403?json` },
    { url: `${source.url}/status/404?json` },
  ]);
  await untilFinished(stack, id);
  const asked = (body: object) =>
    ask(stack, `/v1/batches/${id}/retry`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await asked({ codes: ['source_denied'] })).toMatchObject({ status: 400 });
  expect((await asked({ code: 'source_denied' })).status).toBe(202);
  await until('it to be tried', 20, async () => {
    const runs = (await itemsOf(stack, id)).map(({ run, status }) => `${status} ${run}`);
    return runs.join() === 'failed 2,failed 1' || null;
  });
  await untilFinished(stack, id);
  const waited = await ask(stack, `/v1/batches/${id}/retry?wait=30&code=source_denied`, { method: 'POST' });
  expect(waited).toMatchObject({ status: 201, body: { status: 'finished', counts: { failed: 2 } } });
  expect((await itemsOf(stack, id)).map(({ run }) => run)).toEqual([3, 1]);
  const body = { code: 'source_denied' };
  for (const [path, method] of [
    [`/v1/batches/${id}/cancel`, 'POST'],
    [`/v1/batches/${id}`, 'DELETE'],
  ] as const) {
    const refused = await ask(stack, path, { method, body: JSON.stringify(body) });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  }
  expect((await ask(stack, `/v1/batches/${id}/cancel`, { method: 'POST', body: '{}' })).status).toBe(202);
});

test('refuses a retry without a source', async () => {
  const zip = zipOf({ 'a.jpg': Buffer.from('no image'), 'b.zip': Buffer.from('x') });
  const { id } = accepted(await send(stack, zip, { type: 'application/zip' }));
  made.push(id);
  await untilFinished(stack, id);
  // The sweep does this when staging is almost full.
  rmSync(batchFiles(stagingLayout(stack.dataDir).batch(id)).materials, { recursive: true });
  expect(await change(id, 'retry')).toMatchObject({ status: 409, body: { code: 'source_lost' } });
  expect((await readBatch(stack, id)).body).toMatchObject({ status: 'finished', counts: { failed: 2 } });
});

test('stores no record of invalid rows in Redis, and returns them equally from every call', async () => {
  const count = 1200;
  const before = stack.redis.cli('DBSIZE');
  const { id, status, counts } = await submit(
    stack,
    Array.from({ length: count }, () => ({})),
  );
  expect([status, counts.failed, counts.queued]).toEqual(['running', count, 0]);
  await untilFinished(stack, id);
  const items = await itemsOf(stack, id, '?code=invalid_row');
  expect(items).toHaveLength(count);
  expect(await itemsOf(stack, id, '?status=failed')).toEqual(items);
  expect(await itemsOf(stack, id, '?status=queued')).toEqual([]);
  expect((await reportLines(stack, id)).map(({ code }) => code)).toEqual(Array(count).fill('invalid_row'));
  const path = `/v1/images/${items[7]?.id}`;
  expect((await ask(stack, path)).body).toEqual(items[7]);
  expect(stack.redis.cli('--scan', '--pattern', '*:image:*')).not.toContain(items[7]?.id);
  // The batch, and its owner's list of batches.
  expect(Number(stack.redis.cli('DBSIZE')) - Number(before)).toBeLessThan(10);

  expect((await ask(stack, path, { method: 'DELETE' })).status).toBe(202);
  await untilBatch(stack, id, 'to have lost one', (batch) => batch.counts.deleted === 1);
  expect(await itemsOf(stack, id, '?status=deleted')).toMatchObject([{ id: items[7]?.id }]);
  await ask(stack, `/v1/batches/${id}`, { method: 'DELETE' });
  await untilBatch(stack, id, 'to be deleted', (batch) => batch.counts.deleted === count);
  await untilBuried(stack, id);
});
