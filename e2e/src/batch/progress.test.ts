import type { Batch } from '@pixdock/contract/batch';
import { sleep } from '@pixdock/shared/runtime/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectWhole } from './expect-whole.js';
import { ndjson, readBatch, rows, send, submit, sumOf, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

const TOTAL = 150;
/** Without a pause, the polls would take more CPU time than the batch. */
const POLL_EVERY_MS = 20;

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

test('shows counts that always add up, and a version and a progress that never decrease', async () => {
  const { source } = stack;
  const batch = await submit(
    stack,
    rows(source.url, TOTAL).map((row, i) => {
      if (i % 3 === 0) return row;
      return { ...row, url: i % 3 === 1 ? `${source.url}/status/404?${i}` : 'no address' };
    }),
  );
  // Invalid rows have failed from the beginning.
  const counts = { queued: (TOTAL / 3) * 2, failed: TOTAL / 3 };
  expect(batch).toMatchObject({ status: 'running', total: TOTAL, counts });

  const seen = new Map<number, Batch>();
  const pollers = Array.from({ length: 2 }, async () => {
    let last = batch;
    while (last.status === 'running') {
      const { status, headers, body } = await readBatch(stack, batch.id);
      expect(status).toBe(200);
      expect(sumOf(body)).toBe(TOTAL);
      expect(body.version).toBeGreaterThanOrEqual(last.version);
      expect(body.progress).toBeGreaterThanOrEqual(last.progress);
      expect(headers.get('etag')).toBe(`"${body.version}"`);
      if (body.status === 'running') expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      // A strong ETag promises the same bytes.
      expect(seen.get(body.version) ?? body).toEqual(body);
      seen.set(body.version, body);
      last = body;
      await sleep(POLL_EVERY_MS);
    }
  });
  await Promise.all(pollers);
  expect(seen.size).toBeGreaterThan(30);
  const final = await untilFinished(stack, batch.id);
  expect(final).toMatchObject({
    status: 'finished',
    progress: 1,
    etaSeconds: 0,
    counts: {
      queued: 0,
      processing: 0,
      published: TOTAL / 3,
      failed: (TOTAL / 3) * 2,
      canceled: 0,
      deleted: 0,
    },
  });
  const seconds = (Date.parse(final.finishedAt ?? '') - Date.parse(final.createdAt)) / 1000;
  expect(final.itemsPerSecond).toBeCloseTo(TOTAL / seconds, 1);
  expect((await readBatch(stack, batch.id)).headers.get('retry-after')).toBeNull();
  await expectWhole(stack, [batch.id]);
});

test('waits with Prefer: wait until the batch is finished, and no longer than requested', async () => {
  const body = ndjson(rows(stack.source.url, 3));
  const done = await send(stack, body, { headers: { Prefer: 'wait=30' } });
  expect(done).toMatchObject({ status: 201, body: { status: 'finished', counts: { published: 3 } } });
  expect(done.headers.get('preference-applied')).toBe('wait=30');

  const began = performance.now();
  const slow = await send(stack, ndjson(rows(stack.source.url, 1, 9000)), { headers: { Prefer: 'wait=1' } });
  expect(slow).toMatchObject({ status: 202, body: { status: 'running' } });
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(performance.now() - began).toBeLessThan(8500);

  // A GET waits until the ETag of the batch changes or the batch is finished.
  const { version, id } = slow.body;
  const changed = await readBatch(stack, id, { Prefer: 'wait=20', 'If-None-Match': `"${version}"` });
  expect(changed.status).toBe(200);
  expect(changed.body.version).toBeGreaterThan(version);
  const finished = await readBatch(stack, id, { Prefer: 'wait=20' });
  expect(finished).toMatchObject({ status: 200, body: { status: 'finished' } });
});
