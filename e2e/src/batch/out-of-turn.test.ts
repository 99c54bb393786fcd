import type { Batch } from '@pixdock/contract/batch';
import { openFolderFiles } from '@pixdock/shared/state/folder-staging/folder-files';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { openBatchChanges } from '@pixdock/shared/state/staged/batch-changes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../harness/client.js';
import { TWO_LANES } from '../harness/stack.js';
import { untilBuried } from './expect-whole.js';
import { itemsOf, rows, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack(TWO_LANES);
});
afterAll(() => stack.stop());

const post = (path: string) => ask<Batch>(stack, path, { method: 'POST' });
const missing = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ url: `${stack.source.url}/status/404?${i}` }));

async function stopWorker(): Promise<void> {
  stack.worker.kill('SIGTERM');
  await stack.worker.exited;
}

test('cancels a retry that has not begun', async () => {
  const { id } = await submit(stack, missing(3));
  await untilFinished(stack, id);
  const hits = stack.source.hits('/status/404');
  await stopWorker();
  expect((await post(`/v1/batches/${id}/retry`)).body.status).toBe('running');
  const canceled = await post(`/v1/batches/${id}/cancel`);
  expect(canceled.status).toBe(202);
  expect(canceled.body.cancelRequestedAt).not.toBeNull();
  await stack.restartWorker();
  expect(await untilFinished(stack, id)).toMatchObject({ status: 'canceled', counts: { failed: 3 } });
  expect(stack.source.hits('/status/404')).toBe(hits);
});

test('refuses a retry by a code without failures', async () => {
  const { id } = await submit(stack, missing(1));
  await untilFinished(stack, id);
  const refused = await post(`/v1/batches/${id}/retry?code=source_timeout`);
  expect([refused.status, refused.body.code]).toEqual([409, 'not_retryable']);
});

test('does not apply a late cancel to a later retry', async () => {
  const { id } = await submit(stack, missing(1));
  await untilFinished(stack, id);
  await stopWorker();
  expect((await ask(stack, `/v1/batches/${id}`, { method: 'DELETE' })).status).toBe(202);
  expect((await post(`/v1/batches/${id}/cancel`)).body.cancelRequestedAt).toBeNull();
  expect(await openBatchChanges(openFolderFiles(stagingLayout(stack.dataDir).root)).changes(id)).toEqual([
    'deleted',
  ]);
  await stack.restartWorker();
});

test.each([
  ['POST', '/cancel', 'canceled'],
  ['DELETE', '', 'deleted'],
] as const)('%s %s before the first item lists none as queued', async (method, path, status) => {
  await stopWorker();
  const { id, total } = await submit(stack, rows(stack.source.url, 3));
  expect((await ask(stack, `/v1/batches/${id}${path}`, { method })).status).toBe(202);
  await stack.restartWorker();
  await untilBatch(stack, id, `to be ${status}`, ({ counts }) => counts[status] === total);
  if (status === 'deleted') return untilBuried(stack, id);
  expect(await itemsOf(stack, id, `?status=${status}`)).toHaveLength(total);
  expect(await itemsOf(stack, id, '?status=queued')).toEqual([]);
});

test('refuses to retry an item of a canceled batch', async () => {
  const { id } = await submit(stack, [...missing(1), ...rows(stack.other.url, 30, 1500)]);
  await untilFailed(id);
  await post(`/v1/batches/${id}/cancel`);
  await untilFinished(stack, id);
  const [failed] = await itemsOf(stack, id, '?status=failed');
  const refused = await post(`/v1/images/${failed?.id}/retry`);
  expect([refused.status, refused.body.code]).toEqual([409, 'not_retryable']);
  expect(refused.body.detail).toMatch(/batch was canceled/);
  expect(await itemsOf(stack, id, '?status=failed')).toEqual([failed]);
});

test('retries items behind more failures than one pass reads', async () => {
  const wrong = Array.from({ length: 2200 }, () => ({ url: 'no address' }));
  const passing = Array.from({ length: 3 }, (_, i) => ({
    url: `${stack.source.url}/flaky/b?status=404&fails=3&${i}`,
  }));
  const { id } = await submit(stack, [...wrong, ...passing]);
  expect((await untilFinished(stack, id)).counts).toMatchObject({ failed: 2203 });
  expect((await post(`/v1/batches/${id}/retry`)).status).toBe(202);
  expect(await untilFinished(stack, id)).toMatchObject({
    status: 'finished',
    counts: { published: 3, failed: 2200 },
  });
});

async function untilFailed(id: string): Promise<void> {
  await expect
    .poll(async () => (await itemsOf(stack, id, '?status=failed')).length, { timeout: 10_000 })
    .toBe(1);
}
