import { afterAll, beforeAll, expect, test } from 'vitest';
import yazl from 'yazl';
import { buffer } from 'node:stream/consumers';
import { ask, OTHER } from '../harness/client.js';
import {
  accepted, type BatchStack, expectWhole, itemsOf, ndjson, pages, readBatch, report, reportLines, rows, send,
  startBatchStack, submit, tiny, untilBatch, untilFinished,
} from './support.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

test('speed', async () => {
  let t = Date.now();
  const b = await submit(stack, rows(stack.source.url, 300));
  console.log('accepted', Date.now() - t);
  const f = await untilFinished(stack, b.id);
  console.log('done', Date.now() - t, f);
  t = Date.now();
  await expectWhole(stack, [b.id]);
  console.log('whole', Date.now() - t);
}, 100_000);
