import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addFault, listKeys } from '../harness/bucket.js';
import { ask, until } from '../harness/client.js';
import { TWO_LANES } from '../harness/stack.js';
import { expectWhole } from './expect-whole.js';
import { itemsOf, rows, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

// Sequential tests on one stack with a slow OSS, so that each event meets images in progress.
let stack: BatchStack;
let before: string[];
beforeAll(async () => {
  stack = await startBatchStack(TWO_LANES);
  await addFault(stack, { operation: 'PutObject', action: { type: 'delay', ms: 250 } });
});
beforeEach(async () => {
  before = await settledKeys();
});
afterAll(() => stack.stop());

/** The keys, once none was added or removed for longer than the put of a lost attempt may continue. */
async function settledKeys(): Promise<string[]> {
  for (let keys = await listKeys(stack); ; ) {
    await sleep(LOST_PUT_MS);
    const later = await listKeys(stack);
    if (later.join() === keys.join()) return later;
    keys = later;
  }
}

/** The put takes 250 ms, and its removal follows at once. */
const LOST_PUT_MS = 1500;

/** Two batches with images in upload: the test cancels one and deletes the other. */
async function inTheMiddle(): Promise<[string, string]> {
  const [first, second] = await Promise.all(['a', 'b'].map((name) => begin(`/image/${name}/`)));
  return [first ?? '', second ?? ''];
}

async function begin(path: string): Promise<string> {
  const { id } = await submit(stack, rows(`${stack.source.url}${path}`, 48));
  await until('images to be uploading', 20, async () => {
    const items = await itemsOf(stack, id, '?status=processing');
    return items.filter(({ stage }) => stage === 'uploading').length >= 2 ? true : null;
  });
  return id;
}

async function end([canceled, deleted]: [string, string]): Promise<void> {
  const responses = await Promise.all([
    ask(stack, `/v1/batches/${canceled}/cancel`, { method: 'POST' }),
    ask(stack, `/v1/batches/${deleted}`, { method: 'DELETE' }),
  ]);
  expect(responses.map(({ status }) => status)).toEqual([202, 202]);
}

async function expectEnded([canceled, deleted]: [string, string]): Promise<void> {
  expect(await untilFinished(stack, canceled)).toMatchObject({ status: 'canceled' });
  await untilBatch(stack, deleted, 'to be deleted', ({ counts, total }) => counts.deleted === total);
  // Attempts in progress stop when they notice, and remove their objects.
  const whole = () => expectWhole(stack, [canceled, deleted], before);
  await until('all to be whole', 15, whole).catch(whole);
}

test('cancels and deletes although the worker is killed at once', async () => {
  const ids = await inTheMiddle();
  await end(ids);
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  await stack.restartWorker();
  await expectEnded(ids);
});

test('cancels and deletes although FLUSHALL follows at once', async () => {
  const ids = await inTheMiddle();
  await end(ids);
  stack.redis.cli('FLUSHALL');
  await expectEnded(ids);
});

test('cancels and deletes after FLUSHALL before the restore ends', async () => {
  const ids = await inTheMiddle();
  stack.redis.cli('FLUSHALL');
  // By then, the uploads have finished and found no record.
  await sleep(400);
  await end(ids);
  await expectEnded(ids);
});

test('keeps an accepted retry, whatever Redis loses', async () => {
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
});
