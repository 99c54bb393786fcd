/* Several workers, and workers that freeze, die of an image, or are given one twice. */

import { getPriority } from 'node:os';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { childrenOf } from '@pixdock/shared/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { submit as submitBatch } from '../batch/requests.js';
import { addFault, listKeys } from '../harness/bucket.js';
import { ask, OTHER, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { startService } from '../harness/processes.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { expectPublished } from '../redis/support.js';

const JOBS = '{pixdock}:queue:images';

let stack: Stack;
let bytes: Buffer;
beforeEach(async () => {
  stack = await startApiOnly();
  bytes = await photo();
});
afterEach(() => stack.stop());

const submit = async (externalId: string) => (await upload(stack, bytes, { fields: { externalId } })).body.id;

test('has a lower priority than the API, and so do its decoders', async () => {
  const worker = await startService('worker', stack.env);
  await untilFinal(stack, await submit('a'));
  const decoders = childrenOf(worker.pid);
  expect(decoders).not.toEqual([]);
  const priorities = [stack.api.pid, worker.pid, ...decoders].map((pid) => getPriority(pid));
  expect(priorities).toEqual([0, 5, ...decoders.map(() => 5)]);
  await worker.stop();
});

test('ignores a worker that freezes beyond its lock and wakes up late', async () => {
  await addFault(stack, { operation: 'PutObject', action: { type: 'delay', ms: 1500 } });
  const ids = await Promise.all(['a', 'b', 'c', 'd'].map(submit));
  const frozen = await startService('worker', stack.env);
  await until('images to be uploading', 20, async () => {
    const images = await Promise.all(ids.map((id) => ask(stack, `/v1/images/${id}`)));
    return images.some(({ body }) => body.stage === 'uploading') ? true : null;
  });
  frozen.kill('SIGSTOP');
  await stack.restartWorker();
  const before = await Promise.all(ids.map((id) => untilFinal(stack, id)));
  const keys = await listKeys(stack);
  expect(before.some(({ attempts }) => attempts > 1)).toBe(true);
  frozen.kill('SIGCONT');
  await frozen.stop();
  expect(await frozen.exited).toBe(0);
  // If the frozen worker has read no response to its put, it notes this in the published image, for a later deletion.
  const noted = { version: expect.any(Number), updatedAt: expect.any(String) };
  const expected = before.map((image) => ({ ...image, ...noted }));
  expect(await expectPublished(stack, ids)).toEqual(expected);
  expect(await listKeys(stack)).toEqual(keys);
});

test('fails an image that kills its worker each time, publishes other images, and keeps the worker running', async () => {
  const poison = await submit('poison');
  const neighbours = await Promise.all(['a', 'b', 'c', 'd'].map(submit));
  let deaths = 0;
  const supervise = async () => {
    for (;;) {
      await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'run-begun@poison' });
      if ((await stack.worker.exited) === 0) return;
      deaths++;
      // The locks expire after 8 s.
      for (const id of [poison, ...neighbours]) stack.redis.cli('DEL', `${JOBS}:${id}-1:lock`);
    }
  };
  const supervised = supervise();
  expect(await untilFinal(stack, poison, 80)).toMatchObject({
    status: 'failed',
    error: { code: 'processing_crashed' },
  });
  expect(deaths).toBe(5);
  for (const id of [...neighbours, await submit('after')])
    expect((await untilFinal(stack, id)).status).toBe('published');
  await stack.worker.stop();
  await supervised;
});

test('produces one outcome for three jobs of an image, and for a job that is enqueued three times', async () => {
  const id = await submit('a');
  const job = `${JOBS}:${id}-1`;
  for (const twin of ['twin', 'triplet', 'late']) stack.redis.cli('COPY', job, `${JOBS}:${twin}`);
  for (const twin of ['twin', 'triplet']) stack.redis.cli('LPUSH', `${JOBS}:wait`, twin);
  for (let i = 0; i < 2; i++) stack.redis.cli('LPUSH', `${JOBS}:wait`, `${id}-1`);
  await stack.restartWorker();
  const before = await untilFinal(stack, id);
  // A job after the end, which finds no source.
  stack.redis.cli('LPUSH', `${JOBS}:wait`, 'late');
  await until('all jobs to be done', 30, async () =>
    stack.redis.cli('LLEN', `${JOBS}:wait`) === '0' && stack.redis.cli('LLEN', `${JOBS}:active`) === '0'
      ? true
      : null,
  );
  expect(await expectPublished(stack, [id])).toEqual([before]);
});

test("serves an owner's batch after at most a few of the two hundred that another owner's wait in front of it", async () => {
  // Refused before a look-up, so that nothing but passes over batches takes time.
  const rows = [{ url: 'http://127.0.0.1:1/' }];
  for (let n = 0; n < 200; n++) await submitBatch(stack, rows);
  const { id: last } = await submitBatch(stack, rows, { headers: OTHER });
  await using begun = await watchBatches();
  const second = await startService('worker', stack.env);
  await stack.restartWorker();
  await until('the last batch to begin', 30, async () => (begun.ids.has(last) ? true : null));
  // Each worker runs a few passes at a time.
  expect([...begun.ids].indexOf(last)).toBeLessThan(10);
  await second.stop();
});

/** Watches which batches start items, in their order. */
async function watchBatches() {
  const ids = new Set<string>();
  stack.redis.cli('CONFIG', 'SET', 'notify-keyspace-events', 'Kh');
  const subscriber = connectRedis({ url: stack.redis.url, prefix: '{pixdock}' }, 'subscribed');
  subscriber.on('pmessage', (_, channel) => ids.add(/bat_[0-9a-f]+/.exec(channel)?.[0] ?? ''));
  await subscriber.psubscribe(`__keyspace@0__:${recordKeys('{pixdock}').window('*')}`);
  return { ids, [Symbol.asyncDispose]: async () => subscriber.disconnect() };
}
