import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, upload } from '../harness/client.js';
import { sweepEvery } from '../harness/sweep.js';
import { stagedBatches } from './expect-whole.js';
import { itemsOf, ndjson, readBatch, rows, send, submit, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack({ RETENTION: '2s' });
});
afterAll(() => stack.stop());

test('forgets a batch and its records after RETENTION, and reads its images from their objects', async () => {
  const { source } = stack;
  const { id } = await submit(stack, [
    ...rows(source.url, 5),
    { url: `${source.url}/status/404` },
    { url: 'no address' },
  ]);
  await untilFinished(stack, id);
  const items = await itemsOf(stack, id);
  const keys = await listKeys(stack);
  expect(keys).toHaveLength(10);

  await sweepEvery(stack, 500);
  // Its state in Redis is removed last.
  await until('the batch to be forgotten', 30, async () =>
    stack.redis.cli('--scan', '--pattern', `*:${id}`).trim() === '' ? true : null,
  );
  expect((await readBatch(stack, id)).status).toBe(404);
  for (const path of ['/items', '/report.csv', '/report.ndjson'])
    expect((await ask(stack, `/v1/batches/${id}${path}`)).status).toBe(404);
  for (const list of ['/v1/batches', '/v1/images', `/v1/images?batchId=${id}`])
    expect((await ask<{ items: unknown[] }>(stack, list)).body.items).toEqual([]);
  const left = stack.redis.cli('--scan', '--pattern', '*').split('\n');
  const ids = [id, ...items.map((item) => item.id)];
  expect(left.filter((key) => ids.some((known) => key.includes(known)))).toEqual([]);
  expect(left.filter((key) => /:(images:acme|batches|expiring)/.test(key))).toEqual([]);
  expect(await stagedBatches(stack)).toEqual([]);
  const names = readdirSync(join(stack.dataDir, 'staging'), { recursive: true }).map(String);
  expect(names.filter((name) => ids.some((known) => name.includes(known)))).toEqual([]);

  expect((await listKeys(stack)).toSorted()).toEqual(keys.toSorted());
  for (const item of items) {
    const { status, body } = await ask(stack, `/v1/images/${item.id}`);
    expect([item.row, status]).toEqual([item.row, item.status === 'published' ? 200 : 404]);
    if (status === 404) continue;
    const { url, externalId, batchId, row } = item;
    expect(body).toMatchObject({ status: 'published', owner: 'acme', url, externalId, batchId, row });
    expect((await fetch(url ?? '')).status).toBe(200);
  }
  const [first] = items;
  expect((await ask(stack, `/v1/images/${first?.id}`, { method: 'DELETE' })).status).toBe(202);
  await until('its objects to be gone', 20, async () => ((await listKeys(stack)).length === 8 ? true : null));

  // Neither a restart nor a restore recreates it.
  stack.redis.cli('FLUSHALL');
  await stack.api.stop();
  await stack.restartApi();
  await sweepEvery(stack, 500);
  expect((await readBatch(stack, id)).status).toBe(404);
  expect(await listKeys(stack)).toHaveLength(8);
});

test('returns the first response to a repeat after RETENTION', async () => {
  const headers = { 'Idempotency-Key': 'kept-for-longer' };
  const ofBatch = { 'Idempotency-Key': 'kept-for-longer-too' };
  const broken = Buffer.concat([await tiny(20), Buffer.alloc(9)]).subarray(0, 200);
  const sendImage = () => upload(stack, broken, { headers });
  const sendBatch = () => send(stack, ndjson([{ url: 'no address' }]), { headers: ofBatch });
  // After the previous test, Redis is still being restored.
  const untilAccepted = <T extends { status: number }>(sendOne: () => Promise<T>) =>
    until('it to be accepted', 30, async () => {
      const response = await sendOne();
      return response.status === 503 ? null : response;
    });
  const first = [await untilAccepted(sendImage), await untilAccepted(sendBatch)];
  for (const { status } of first) expect(status).toBe(202);
  await sweepEvery(stack, 500);
  await until('both to be forgotten', 30, async () => {
    const found = await Promise.all(
      first.map((response) => ask(stack, response.headers.get('location') ?? '')),
    );
    return found.every(({ status }) => status === 404) ? true : null;
  });
  const again = [await sendImage(), await sendBatch()];
  for (const [i, { status, body, ...response }] of again.entries()) {
    expect([status, body]).toEqual([202, first[i]?.body]);
    for (const name of ['location', 'etag', 'cache-control', 'vary', 'content-type'])
      expect([name, response.headers.get(name)]).toEqual([name, first[i]?.headers.get(name)]);
    expect(response.headers.get('idempotency-replayed')).toBe('true');
  }
  const other = await upload(stack, await tiny(21), { headers });
  expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
});
