import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type BatchStack,
  expectWhole,
  rows,
  startBatchStack,
  submit,
  untilFinished,
} from '../batch/support.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Line, reconcile } from './support.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

test('reconcile --fix over and over beside a live load, however young that is: nothing lost, nothing doubled', async () => {
  const bytes = await photo();
  const over = new AbortController();
  const lines: Line[] = [];
  const mending = (async () => {
    let rounds = 0;
    for (; !over.signal.aborted; rounds++) lines.push(...(await reconcile(stack, '--fix')).lines);
    return rounds;
  })();
  const batch = await submit(stack, rows(stack.source.url, 80, 20));
  // On a busy machine Redis may not answer in time, and a 503 says to come back.
  const send = () =>
    until('an upload to be accepted', 30, async () => {
      const { status, body } = await upload(stack, bytes);
      return status === 202 ? body.id : null;
    });
  const ids = await Promise.all(Array.from({ length: 20 }, send));
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id)));
  const [gone, ...kept] = images;
  await ask(stack, `/v1/images/${gone?.id}`, { method: 'DELETE' });
  await untilFinished(stack, batch.id);
  over.abort();
  expect(await mending).toBeGreaterThan(1);

  expect(images.map(({ status }) => status)).toEqual(images.map(() => 'published'));
  const keys = kept.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  await expectWhole(stack, [batch.id], keys);
  const left = await reconcile(stack);
  expect(left).toMatchObject({ exit: 0, found: [] });
  // Nothing of the sort may ever be seen in what is well.
  const wrong = lines.filter(({ kind }) => /object|variant|main|manifest|unreadable/.test(kind));
  expect(wrong).toEqual([]);
}, 120_000);
