import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OTHER, until, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { TWO_LANES } from '../harness/stack.js';
import { itemsOf, readBatch, rows, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack(TWO_LANES);
});
afterAll(() => stack.stop());

const cancel = async (id: string) => {
  expect((await ask(stack, `/v1/batches/${id}/cancel`, { method: 'POST' })).status).toBe(202);
  await untilFinished(stack, id);
};

test('delays only the items of a stalling host, in this batch and in others', async () => {
  const { source, other } = stack;
  // Each request to the host times out after ten seconds: in row order, the others would wait for minutes.
  const stalling = Array.from({ length: 540 }, (_, i) => ({ url: `${other.url}/stall/${i}` }));
  const { id } = await submit(stack, [...stalling, ...rows(source.url, 40)]);
  const second = await submit(stack, rows(`${source.url}/image/b/`, 20));
  const done = await untilBatch(
    stack,
    id,
    'to have its good rows',
    ({ counts }) => counts.published === 40,
    30,
  );
  expect(await untilFinished(stack, second.id, 20)).toMatchObject({ counts: { published: 20 } });
  expect(done.counts.queued + done.counts.processing).toBeGreaterThan(400);
  // The stalling host gets no more concurrent requests than from one batch.
  expect(other.open()).toBeLessThanOrEqual(8);
  const single = await ask(stack, '/v1/images', {
    method: 'POST',
    body: JSON.stringify({ url: `${source.url}/image/c` }),
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=20' },
  });
  expect(single.status).toBe(201);
  await cancel(id);
});

test('processes single uploads first while a batch runs', async () => {
  const bytes = await photo(64, 48);
  const publish = async () => {
    const began = performance.now();
    const { status } = await upload(stack, bytes, { headers: { Prefer: 'wait=60' } });
    expect(status).toBe(201);
    return performance.now() - began;
  };
  await publish();
  const idle = Math.max(await publish(), await publish(), await publish());

  const { id } = await submit(stack, rows(`${stack.source.url}/image/d/`, 900));
  await untilBatch(stack, id, 'to be in the middle', ({ counts }) => counts.published >= 10);
  const busy: number[] = [];
  const overtaken: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = (await readBatch(stack, id)).body.counts.published;
    busy.push(await publish());
    overtaken.push((await readBatch(stack, id)).body.counts.published - before);
  }
  // Many items wait before each upload, also on a quick machine; items in progress may end first.
  expect((await readBatch(stack, id)).body.counts.queued).toBeGreaterThan(40);
  expect(overtaken.toSorted((a, b) => a - b)[2]).toBeLessThan(40);
  expect(busy.toSorted((a, b) => a - b)[2]).toBeLessThan(20 * idle + 1000);
  await cancel(id);
  expect((await itemsOf(stack, id, '?status=processing')).length).toBe(0);
});

test('publishes the uploads and the batch of one owner beside many images of another', async () => {
  const bytes = await photo(64, 48);
  let left = 100;
  const submitAll = async () => {
    while (left-- > 0) expect((await upload(stack, bytes)).status).toBe(202);
  };
  await Promise.all(Array.from({ length: 16 }, submitAll));
  const queued = async () => {
    const { body } = await ask<{ items: { createdAt: string }[] }>(
      stack,
      '/v1/images?status=queued&limit=50',
    );
    return body.items.length;
  };
  const single = await upload(stack, bytes, { headers: { ...OTHER, Prefer: 'wait=20' } });
  expect(single.status).toBe(201);
  const made = await ask(stack, '/v1/batches', {
    method: 'POST',
    body: JSON.stringify({ items: rows(`${stack.source.url}/image/e/`, 3) }),
    headers: { ...OTHER, 'Content-Type': 'application/json' },
  });
  await until('the batch to be published', 20, async () => {
    const { body } = await ask<{ status: string }>(stack, `/v1/batches/${made.body.id}`, { headers: OTHER });
    return body.status === 'finished' ? true : null;
  });
  // In order of arrival, all of these would have been processed before.
  expect(await queued()).toBeGreaterThan(0);
});

test('staggers the retries of hundreds of images that wait for a slow host, at low cost', async () => {
  const { other, redis } = stack;
  const commands = () => Number(/total_commands_processed:(\d+)/.exec(redis.cli('INFO', 'stats'))?.[1]);
  const submitUrl = (i: number) =>
    ask(stack, '/v1/images', {
      method: 'POST',
      body: JSON.stringify({ url: `${other.url}/stall/${i}` }),
      headers: { 'Content-Type': 'application/json' },
    });
  // A slow disk does not sync hundreds at once within the patience of a request.
  for (let first = 0; first < 250; first += 50) {
    const group = Array.from({ length: 50 }, (_, i) => submitUrl(first + i));
    for (const { status } of await Promise.all(group)) expect(status).toBe(202);
  }
  await sleep(1000);
  const [before, began] = [commands(), performance.now()];
  await sleep(3000);
  const seconds = (performance.now() - began) / 1000;
  // A hundred images retry each second, with about sixty commands each, including those in scripts.
  expect((commands() - before) / seconds).toBeLessThan(20_000);
});
