import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBatch } from '../batch/requests.js';
import { listKeys } from '../harness/bucket.js';
import { ask, until } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, TWO_LANES } from '../harness/stack.js';
import { decide, type Reviewer } from './reviewer.js';
import { post, queueOf, startReviewStack } from './stack.js';

const IMAGES = Number(process.env.PIXDOCK_REVIEWED_IMAGES ?? 200);
const [HELD, REJECTED] = [IMAGES / 20, IMAGES / 100];

let stack: Stack;
let reviewer: Reviewer;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stack, reviewer, stop } = await startReviewStack(TWO_LANES));
});
afterAll(() => stop());

it(`never has an object of the held and the rejected ones of ${IMAGES} images`, async () => {
  reviewer.answer = (_, response) => {
    const place = reviewer.asked.length - 1;
    decide(response, place % 100 === 50 ? 'reject' : place % 20 === 11 ? 'hold' : 'approve');
  };
  const picture = await photo(60, 40);
  const form = new FormData();
  for (let i = 0; i < IMAGES; i++)
    form.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), `${i}.jpg`);
  const seen = new Set<string>();
  const listing = new AbortController();
  const listed = (async () => {
    for (; !listing.signal.aborted; ) for (const key of await listKeys(stack)) seen.add(key);
  })();
  const { body } = await ask<Batch>(stack, '/v1/batches?profile=asked', { method: 'POST', body: form });
  const quiet = await until('all others to be final', 200, async () => {
    const batch = (await readBatch(stack, body.id)).body;
    return batch.counts.queued === 0 && batch.counts.processing === batch.held ? batch : null;
  });
  expect(quiet).toMatchObject({ status: 'running', held: HELD, counts: { failed: REJECTED } });
  const queue = await queueOf(stack);
  const failed = await itemsWith('failed');
  listing.abort();
  await listed;
  const unseen = [...queue, ...failed].map(({ id }) => id.slice(4));
  expect(unseen).toHaveLength(HELD + REJECTED);
  expect([...seen].filter((key) => unseen.some((id) => key.includes(id)))).toEqual([]);
  expect(seen.size).toBe(2 * (IMAGES - unseen.length));
  expect(reviewer.asked).toHaveLength(IMAGES);

  for (const { id } of queue) await post(stack, `/v1/images/${id}/approve`);
  const ended = await until('the end', 60, async () => {
    const batch = (await readBatch(stack, body.id)).body;
    return batch.status === 'finished' ? batch : null;
  });
  expect(ended.counts).toMatchObject({ published: IMAGES - REJECTED, failed: REJECTED });

  async function itemsWith(status: string): Promise<Image[]> {
    const path = `/v1/batches/${body.id}/items?status=${status}&limit=100`;
    return (await ask<{ items: Image[] }>(stack, path)).body.items;
  }
});
