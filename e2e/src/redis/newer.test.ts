/* An old and a new version side by side: the old one leaves data of the new one unchanged and does not wait for it. */
import { readFile, writeFile } from 'node:fs/promises';
import { unabbreviate } from '@pixdock/shared/state/images/abbreviate';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows, submit, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { type Internals, openInternals } from '../ops/support.js';
import { smallPhoto } from './support.js';

const PREFIX = '{pixdock}';

let stack: BatchStack;
let internals: Internals;
beforeAll(async () => {
  stack = await startBatchStack();
  internals = await openInternals(stack);
});
afterAll(async () => {
  await internals.stop();
  await stack.stop();
});

const recordOf = (id: string) => `${PREFIX}:image:${id}`;
const jobOf = (id: string) => `${PREFIX}:queue:images:${id}-1`;
const readRecord = async (id: string) =>
  JSON.parse(unabbreviate((await internals.redis.hget(recordOf(id), 'doc')) ?? '') ?? '');

async function uploadOne(): Promise<string> {
  const { body } = await upload(stack, await smallPhoto());
  return body.id;
}

test('leaves jobs and records of newer forms unchanged, and keeps fields that a newer version added', async () => {
  await stack.worker.stop();
  const [name, payload, stage, fields, plain] = await Promise.all(Array.from({ length: 5 }, uploadOne));
  const ids = [name, payload, stage, fields, plain] as [string, string, string, string, string];
  await internals.redis.hset(jobOf(ids[0]), 'name', 'watermark-image');
  const known = await internals.redis.hget(jobOf(ids[1]), 'data');
  await internals.redis.hset(jobOf(ids[1]), 'data', JSON.stringify({ images: [ids[1]] }));
  const watermarking = { ...(await readRecord(ids[2])), stage: 'watermarking' };
  await internals.redis.hset(recordOf(ids[2]), 'doc', JSON.stringify(watermarking));
  const before = await readRecord(ids[3]);
  const added = {
    ...before,
    tags: ['summer'],
    source: { ...before.source, camera: 'X100' },
    internal: { ...before.internal, score: 0.5 },
  };
  await internals.redis.hset(recordOf(ids[3]), 'doc', JSON.stringify(added));

  await stack.restartWorker();
  expect((await untilFinal(stack, ids[4])).status).toBe('published');
  expect((await untilFinal(stack, ids[3])).status).toBe('published');
  expect(await readRecord(ids[3])).toMatchObject({
    status: 'published',
    tags: ['summer'],
    source: { camera: 'X100', width: expect.any(Number) },
    internal: { score: 0.5 },
  });
  const waiting = ids.slice(0, 3) as [string, string, string];
  await until('the others to be handed back', 60, async () => {
    const delayed = await internals.redis.zrange(`${PREFIX}:queue:images:delayed`, '0', '-1');
    return waiting.every((id) => delayed.includes(`${id}-1`)) ? true : null;
  });
  expect(await readRecord(waiting[2])).toEqual(watermarking);
  expect(stack.worker.output()).toContain('left to a newer worker');

  await internals.redis.hset(jobOf(waiting[0]), 'name', 'process-image');
  await internals.redis.hset(jobOf(waiting[1]), 'data', known ?? '');
  await internals.redis.hset(
    recordOf(waiting[2]),
    'doc',
    JSON.stringify({ ...watermarking, stage: 'received' }),
  );
  for (const id of waiting)
    expect(await untilFinal(stack, id)).toMatchObject({ status: 'published', attempts: 1 });
});

test('restores all other entries beside entries of newer forms in staging', async () => {
  await stack.worker.stop();
  const [newer, id] = [await uploadOne(), await uploadOne()];
  const [newerBatch, batch] = [
    await submit(stack, rows(stack.source.url, 2)),
    await submit(stack, rows(stack.source.url, 2)),
  ];
  await stack.api.stop();
  stack.redis.cli('FLUSHALL');
  const { layout } = internals.staging;
  const [submission, entry] = [layout.submission(newer), batchFiles(layout.batch(newerBatch.id)).entry];
  const texts = [await readFile(submission, 'utf8'), await readFile(entry, 'utf8')] as const;
  await writeFile(submission, texts[0].replace('"received"', '"watermarking"'));
  await writeFile(entry, JSON.stringify({ ...JSON.parse(texts[1]), secret: { kind: 'kms' } }));

  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  expect((await untilFinal(stack, id)).status).toBe('published');
  expect((await untilFinished(stack, batch.id)).counts).toMatchObject({ published: 2 });
  await writeFile(submission, texts[0]);
  await writeFile(entry, texts[1]);
  await stack.api.stop();
  await stack.restartApi();
  expect((await untilFinal(stack, newer)).status).toBe('published');
  expect((await untilFinished(stack, newerBatch.id)).counts).toMatchObject({ published: 2 });
  expect((await ask(stack, '/readyz')).status).toBe(200);
});
