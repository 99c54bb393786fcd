/* Redis Cluster: the hash-tagged prefix keeps all keys in one slot, so that scripts and queues work there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '@pixdock/contract/batch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import {
  acceptedOf,
  expectPrompt,
  expectPublished,
  send,
  sendDuring,
  smallPhoto,
  untilResponses,
} from './support.js';
import { startCluster, type Topology } from './topology.js';

let redis: Topology;
let stack: Stack;
beforeAll(async () => {
  redis = await startCluster();
  stack = await startStack({ REDIS_URL: redis.url });
});
afterAll(async () => {
  try {
    await stack.stop();
  } finally {
    await redis.stop();
  }
});

test('publishes and deletes images, with all keys in one slot', async () => {
  const sent = await sendDuring(
    stack,
    'cluster',
    4,
    async (during) => void (await untilResponses(during, 202, 12)),
  );
  expectPrompt(sent);
  const ids = acceptedOf(sent);
  expect(ids).toHaveLength(sent.length);
  await expectPublished(stack, ids);
  const again = await send(stack, 'cluster-0-0', await smallPhoto());
  expect(again.response).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } });
  for (const id of ids) expect((await ask(stack, `/v1/images/${id}`, { method: 'DELETE' })).status).toBe(202);
  for (const id of ids)
    await until('it to be deleted', 20, async () =>
      (await untilFinal(stack, id)).status === 'deleted' ? true : null,
    );
  await expect.poll(() => listKeys(stack)).toEqual([]);
  const holder = redis.master();
  for (const server of redis.servers) expect(Number(server.cli('DBSIZE')) > 0).toBe(server === holder);
});

test('publishes and deletes a batch of files', async () => {
  const form = new FormData();
  for (let i = 0; i < 12; i++)
    form.append('file', new Blob([new Uint8Array(await smallPhoto())], { type: 'image/jpeg' }), `${i}.jpg`);
  const { status, body } = await ask<Batch>(stack, '/v1/batches', { method: 'POST', body: form });
  expect(status).toBe(202);
  const finished = await untilBatch(body.id, ({ status: now }) => now === 'finished');
  expect(finished.counts).toMatchObject({ published: 12, failed: 0 });
  expect((await ask(stack, `/v1/batches/${body.id}`, { method: 'DELETE' })).status).toBe(202);
  await untilBatch(body.id, ({ counts }) => counts.deleted === 12);
  await expect.poll(() => listKeys(stack)).toEqual([]);
});

test('restores once, not repeatedly', async () => {
  const restores = () => stack.api.output().split('restored from staging').length - 1;
  await sleep(7000);
  expect(restores()).toBe(1);
});

const untilBatch = (id: string, enough: (batch: Batch) => boolean) =>
  until(id, 60, async () => {
    const { body } = await ask<Batch>(stack, `/v1/batches/${id}`, { headers: { Prefer: 'wait=2' } });
    return enough(body) ? body : null;
  });
