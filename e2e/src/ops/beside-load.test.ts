import { sleep } from '@pixdock/shared/runtime/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectWhole } from '../batch/expect-whole.js';
import { ndjson, rows, send, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { type ApiResponse, ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { TWO_LANES } from '../harness/stack.js';
import { type Line, reconcile } from './support.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack(TWO_LANES);
});
afterAll(() => stack.stop());

test('loses and duplicates nothing when reconcile --fix runs repeatedly under load', async () => {
  const bytes = await photo(640, 480);
  const over = new AbortController();
  const lines: Line[] = [];
  const repairing = (async () => {
    let rounds = 0;
    for (; !over.signal.aborted; rounds++) {
      lines.push(...(await reconcile(stack, '--fix')).lines);
      // Without a pause, reconcile takes half of all CPU from the load.
      await sleep(100);
    }
    return rounds;
  })();
  // With --before 1ms, reconcile may remove an arriving upload as abandoned; the client then gets a 503.
  const accepted = (submit: () => Promise<ApiResponse<{ id: string }>>) =>
    until('a submission to be accepted', 30, async () => {
      const { status, body } = await submit();
      return status === 202 ? body.id : null;
    });
  const batchId = await accepted(() => send(stack, ndjson(rows(stack.source.url, 80, 20))));
  const ids = await Promise.all(Array.from({ length: 20 }, () => accepted(() => upload(stack, bytes))));
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id)));
  const [gone, ...kept] = images;
  await ask(stack, `/v1/images/${gone?.id}`, { method: 'DELETE' });
  await untilFinished(stack, batchId);
  over.abort();
  expect(await repairing).toBeGreaterThan(1);

  expect(images.map(({ status }) => status)).toEqual(images.map(() => 'published'));
  const keys = kept.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  await expectWhole(stack, [batchId], keys);
  const left = await reconcile(stack);
  expect(left).toMatchObject({ exit: 0, found: [] });
  // reconcile must never report these kinds in a consistent system.
  const wrong = lines.filter(({ kind }) => /object|variant|main|manifest|unreadable/.test(kind));
  expect(wrong).toEqual([]);
});
