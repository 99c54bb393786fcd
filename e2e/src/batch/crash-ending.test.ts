import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addFault, listKeys } from '../harness/bucket.js';
import { ask, until } from '../harness/client.js';
import {
  type BatchStack,
  expectWhole,
  itemsOf,
  rows,
  startBatchStack,
  submit,
  untilBatch,
  untilFinished,
} from './support.js';

// The tests run in order on one stack with a slow OSS, so that images are in progress at each fault.
let stack: BatchStack;
let before: string[];
beforeAll(async () => {
  stack = await startBatchStack();
  await addFault(stack, { operation: 'PutObject', action: { type: 'delay', ms: 250 } });
});
beforeEach(async () => {
  before = await listKeys(stack);
});
afterAll(() => stack.stop());

/** Starts two batches with images that are uploading: one to cancel, one to delete. */
async function startTwoBatches(): Promise<[string, string]> {
  const [first, second] = await Promise.all(['a', 'b'].map((name) => begin(`/image/${name}/`)));
  return [first ?? '', second ?? ''];
}

async function begin(path: string): Promise<string> {
  const { id } = await submit(stack, rows(`${stack.source.url}${path}`, 40));
  await until('images to be uploading', 20, async () => {
    const items = await itemsOf(stack, id, '?status=processing');
    return items.filter(({ stage }) => stage === 'uploading').length >= 2 ? true : null;
  });
  return id;
}

async function end([canceled, deleted]: [string, string]): Promise<void> {
  const answers = await Promise.all([
    ask(stack, `/v1/batches/${canceled}/cancel`, { method: 'POST' }),
    ask(stack, `/v1/batches/${deleted}`, { method: 'DELETE' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
}

async function expectEnded([canceled, deleted]: [string, string]): Promise<void> {
  expect(await untilFinished(stack, canceled)).toMatchObject({ status: 'canceled' });
  await untilBatch(stack, deleted, 'to be deleted', ({ counts, total }) => counts.deleted === total);
  // A worker in the middle of an image notices the end later, and then removes its objects.
  const whole = () => expectWhole(stack, [canceled, deleted], before);
  await until('both batches to be consistent', 15, whole).catch(whole);
}

test('cancels and deletes batches although the worker is killed right afterwards', async () => {
  const ids = await startTwoBatches();
  await end(ids);
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  await stack.restartWorker();
  await expectEnded(ids);
}, 90_000);

test('cancels and deletes batches although Redis is emptied right afterwards', async () => {
  const ids = await startTwoBatches();
  await end(ids);
  stack.redis.cli('FLUSHALL');
  await expectEnded(ids);
}, 90_000);

test('cancels and deletes batches before an emptied Redis is restored', async () => {
  const ids = await startTwoBatches();
  stack.redis.cli('FLUSHALL');
  // By then the uploads in progress have ended without finding their records.
  await new Promise((resolve) => setTimeout(resolve, 400));
  await end(ids);
  await expectEnded(ids);
}, 90_000);

test('keeps an accepted retry although Redis is emptied', async () => {
  const { source } = stack;
  const lines = Array.from({ length: 20 }, (_, i) => ({
    url: `${source.url}/flaky/b?status=404&fails=20&${i}`,
  }));
  const { id } = await submit(stack, lines);
  await untilFinished(stack, id);
  expect((await ask(stack, `/v1/batches/${id}/retry`, { method: 'POST' })).status).toBe(202);
  stack.redis.cli('FLUSHALL');
  await untilBatch(stack, id, 'to be published', ({ counts }) => counts.published === lines.length, 20);
  await expectWhole(stack, [id], before);
}, 60_000);
