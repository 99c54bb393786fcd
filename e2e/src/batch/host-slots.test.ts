/* The slots of a source host, which all workers share. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { rows, submit, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

const SLOTS = 8;

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

const leases = () => Number(stack.redis.cli('zcard', `{pixdock}:held:item-fetches:${stack.source.host}`));
const untilOpen = (count: number) =>
  until(`${count} fetches at once`, 60, async () => (stack.source.open() === count ? true : null));

test('sends a host no more requests at once from two workers than from one', async () => {
  const first = stack.worker;
  await stack.restartWorker();
  const batch = await submit(stack, rows(stack.source.url, 60, 300));
  const { counts } = await untilFinished(stack, batch.id);
  expect(counts.published).toBe(60);
  expect(stack.source.mostOpen()).toBe(SLOTS);
  expect(leases()).toBe(0);
  await first.stop();
});

test('frees the slots of a killed worker', async () => {
  const batch = await submit(stack, rows(stack.source.url, 3 * SLOTS, 9000));
  await untilOpen(SLOTS);
  const first = stack.worker;
  await stack.restartWorker();
  first.kill('SIGKILL');
  await untilOpen(0);
  expect(leases()).toBe(SLOTS);
  // Once its leases have expired.
  await untilOpen(SLOTS);
  expect(stack.source.mostOpen()).toBe(SLOTS);
  await ask(stack, `/v1/batches/${batch.id}/cancel`, { method: 'POST' });
});
