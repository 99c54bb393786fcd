import { descendants, isAlive } from '@pixdock/shared/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, listKeys } from './harness/bucket.js';
import { ask, until, untilFinal, upload } from './harness/client.js';
import { staged } from './harness/leftovers.js';
import { photo } from './harness/pictures.js';
import { type Stack, startStack, TWO_LANES } from './harness/stack.js';

/** The API waits half a second for Redis; a busy machine takes longer. */
const PROMPT_MS = 10_000;

// The tests run in order on one stack, so that each crash also affects the leftovers of the ones before.
let stack: Stack;
const made: string[] = [];
beforeAll(async () => {
  stack = await startStack(TWO_LANES);
  // Keeps images in progress long enough for a kill to hit them, at no CPU cost.
  await addFault(stack, { operation: 'PutObject', action: { type: 'delay', ms: 200 } });
});
afterAll(() => stack.stop());

async function submit(count: number): Promise<string[]> {
  const bytes = await photo(400, 300);
  const responses = await Promise.all(Array.from({ length: count }, () => upload(stack, bytes)));
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 202));
  const ids = responses.map(({ body }) => body.id);
  made.push(...ids);
  return ids;
}

async function expectAllPublished(): Promise<void> {
  const images = await Promise.all(made.map((id) => untilFinal(stack, id)));
  expect(images.map(({ status }) => status)).toEqual(made.map(() => 'published'));
  const keys = images.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  expect((await listKeys(stack)).toSorted()).toEqual(keys.toSorted());
  await until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));
}

const processing = (ids: string[]) =>
  until('an image to be in progress', 20, async () => {
    const { body } = await ask<{ items: { id: string }[] }>(stack, '/v1/images?status=processing');
    return body.items.some(({ id }) => ids.includes(id)) ? true : null;
  });

test('publishes the images of a killed worker with the next, and ends its decoders', async () => {
  const ids = await submit(12);
  await processing(ids);
  const decoders = descendants(stack.worker.pid);
  expect(decoders.length).toBeGreaterThan(0);
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  await until('the decoders to be gone', 20, async () => (decoders.some(isAlive) ? null : true));
  await stack.restartWorker();
  await expectAllPublished();
});

test('fails no innocent image after two kills in a row', async () => {
  const ids = await submit(6);
  for (let kill = 0; kill < 2; kill++) {
    await processing(ids);
    stack.worker.kill('SIGKILL');
    await stack.worker.exited;
    await stack.restartWorker();
  }
  await expectAllPublished();
});

test('requeues the images in progress on SIGTERM, and exits without SIGKILL', async () => {
  const ids = await submit(12);
  await processing(ids);
  await stack.worker.stop();
  expect(await stack.worker.exited).toBe(0);
  await stack.restartWorker();
  await expectAllPublished();
});

test('refuses uploads promptly while Redis is killed, and publishes the accepted ones afterwards', async () => {
  await submit(12);
  await stack.redis.crash();
  const began = performance.now();
  const refused = await upload(stack, await photo());
  expect(performance.now() - began).toBeLessThan(PROMPT_MS);
  expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
  expect(refused.headers.get('retry-after')).not.toBeNull();
  await stack.redis.restart();
  await expectAllPublished();
});

test('restores staged images after FLUSHALL, with versions that only grow', async () => {
  const ids = await submit(10);
  const before = await ask(stack, `/v1/images/${ids[0]}`);
  stack.redis.cli('FLUSHALL');
  await expectAllPublished();
  const after = await ask(stack, `/v1/images/${ids[0]}`);
  expect(after.body.version).toBeGreaterThan(before.body.version);
});

test('publishes every image with a 202 after the API is killed, and restores an emptied Redis at start', async () => {
  await submit(8);
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  stack.redis.cli('FLUSHALL');
  await stack.restartApi();
  await expectAllPublished();
});
