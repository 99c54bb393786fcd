import type { Batch } from '@pixdock/contract/batch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilArriving } from '../api/support.js';
import { ask, until } from '../harness/client.js';
import { chunked, openRaw, requestHead } from '../harness/raw-http.js';
import { TWO_LANES } from '../harness/stack.js';
import { expectWhole } from './expect-whole.js';
import { ndjson, type Row, readBatch, rows, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

const ROWS = 32;
/** Outcomes of the ROWS that `mixed` creates. */
const OUTCOMES = { queued: 0, processing: 0, published: 16, failed: 16, canceled: 0, deleted: 0 };

// Sequential tests on one stack, so that each crash also meets the state after the crashes before.
let stack: BatchStack;
const made: string[] = [];
beforeAll(async () => {
  stack = await startBatchStack(TWO_LANES);
});
afterAll(() => stack.stop());

/** Half of the rows are published, some of them from one URL; the others are missing or invalid. */
function mixed(): Row[] {
  const { source, other } = stack;
  return rows(source.url, ROWS).map((row, i) => {
    const url = [
      `${source.url}/image/a/${made.length}-${i}`,
      `${other.url}/status/404?${i}`,
      i % 8 < 4
        ? `${source.url}/image/b/${made.length}-shared`
        : `${other.url}/image/c/${made.length}-${i}?delay=50`,
      'no address',
    ][i % 4];
    return { ...row, url: url ?? '' };
  });
}

async function begin(): Promise<Batch> {
  const batch = await submit(stack, mixed());
  made.push(batch.id);
  return batch;
}

const untilPublished = (id: string, count: number) =>
  untilBatch(stack, id, `to have published ${count}`, ({ counts }) => counts.published >= count);

async function expectDone(...ids: string[]): Promise<void> {
  for (const id of ids) {
    const batch = await untilFinished(stack, id, 90);
    expect(batch).toMatchObject({ status: 'finished', total: ROWS, counts: OUTCOMES });
  }
  // After a FLUSHALL, the batches of earlier tests are counted again too.
  for (const id of made) await untilFinished(stack, id, 90);
  const items = await expectWhole(stack, made);
  expect(items.filter(({ error }) => error?.code === 'processing_crashed')).toEqual([]);
}

test('completes batches after two kill -9 of the worker', async () => {
  const { id } = await begin();
  for (const published of [4, 10]) {
    await untilPublished(id, published);
    stack.worker.kill('SIGKILL');
    await stack.worker.exited;
    await stack.restartWorker();
  }
  await expectDone(id);
});

test('keeps an accepted batch after a kill -9 of the API, and nothing of one in progress', async () => {
  const { id } = await begin();
  const cut = await openRaw(stack.api.url);
  const headers = {
    'Content-Type': 'application/x-ndjson',
    'Transfer-Encoding': 'chunked',
    'Idempotency-Key': 'cut',
  };
  await cut.send(requestHead('POST', '/v1/batches', headers), chunked(Buffer.from(ndjson(mixed()))));
  await untilArriving(stack, 1);
  await untilPublished(id, 4);
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  cut.socket.destroy();
  await stack.restartApi();
  await expectListed();
  // The same request succeeds, whatever its first attempt left.
  const again = await until('its key to be free', 30, async () => {
    const response = await ask<Batch>(stack, '/v1/batches', {
      method: 'POST',
      body: ndjson(mixed()),
      headers: { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': 'cut' },
    });
    return response.status === 202 ? response.body : null;
  });
  made.push(again.id);
  await untilArriving(stack, 0);
  await expectListed();
  await expectDone(id, again.id);
});

test('completes batches after a kill -9 of Redis', async () => {
  const { id } = await begin();
  await untilPublished(id, 4);
  await stack.redis.crash();
  const refused = await readBatch(stack, id);
  expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
  await stack.redis.restart();
  await expectDone(id);
});

test('restores every item under its id after FLUSHALL, and repeats nothing', async () => {
  const { id } = await begin();
  const before = await untilPublished(id, 7);
  stack.redis.cli('FLUSHALL');
  await expectDone(id);
  const { body: after } = await readBatch(stack, id);
  expect(after.version).toBeGreaterThan(before.version);
  // Items that were finished before it are unchanged.
  await expectListed();
});

async function expectListed(): Promise<void> {
  await until('all batches to be listed', 20, async () => {
    const { body } = await ask<{ items: Batch[] }>(stack, '/v1/batches');
    return body.items
      .map(({ id }) => id)
      .toSorted()
      .join() === made.toSorted().join()
      ? true
      : null;
  });
}
