import type { Batch } from '@pixdock/shared/contract/batch';
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

// One after the other on one stack, whose OSS takes its time: whatever happens meets images in hand.
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

async function inTheMiddle(): Promise<string> {
  const { id } = await submit(stack, rows(stack.source.url, 60));
  await untilBatch(stack, id, 'to be in the middle', ({ counts }) => counts.published >= 4);
  await until('images to be uploading', 20, async () => {
    const items = await itemsOf(stack, id, '?status=processing');
    return items.filter(({ stage }) => stage === 'uploading').length >= 2 ? true : null;
  });
  return id;
}

type Ending = 'cancel' | 'delete';

async function ask202(id: string, ending: Ending): Promise<void> {
  const [path, method] = ending === 'delete' ? [id, 'DELETE'] : [`${id}/cancel`, 'POST'];
  expect((await ask<Batch>(stack, `/v1/batches/${path}`, { method })).status).toBe(202);
}

async function expectEnded(id: string, ending: Ending): Promise<void> {
  const batch =
    ending === 'delete'
      ? await untilBatch(stack, id, 'to be deleted', ({ counts, total }) => counts.deleted === total)
      : await untilFinished(stack, id);
  if (ending === 'cancel') expect(batch.status).toBe('canceled');
  // What was in hand has let go, and removed what it wrote.
  const whole = () => expectWhole(stack, [id], before);
  await until('all to be whole', 15, whole).catch(whole);
}

test.each<Ending>(['cancel', 'delete'])(
  '%s, and kill -9 of the worker at once',
  async (ending) => {
    const id = await inTheMiddle();
    await ask202(id, ending);
    stack.worker.kill('SIGKILL');
    await stack.worker.exited;
    await stack.restartWorker();
    await expectEnded(id, ending);
  },
  90_000,
);

test.each<Ending>(['cancel', 'delete'])(
  '%s, and FLUSHALL at once',
  async (ending) => {
    const id = await inTheMiddle();
    await ask202(id, ending);
    stack.redis.cli('FLUSHALL');
    await expectEnded(id, ending);
  },
  90_000,
);

test.each<Ending>(['cancel', 'delete'])(
  'FLUSHALL, and %s before all is restored',
  async (ending) => {
    const id = await inTheMiddle();
    stack.redis.cli('FLUSHALL');
    // By then what was uploading is done, and found no record.
    await new Promise((resolve) => setTimeout(resolve, 400));
    await ask202(id, ending);
    await expectEnded(id, ending);
  },
  90_000,
);

test('a retry that was promised is kept, whatever Redis loses', async () => {
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
