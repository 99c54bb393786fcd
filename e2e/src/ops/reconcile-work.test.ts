import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { testBatch } from '@pixdock/shared/testing/batch';
import { isAlive } from '@pixdock/shared/testing/processes';
import { testRecord } from '@pixdock/shared/testing/record';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectWhole } from '../batch/expect-whole.js';
import { itemsOf, pages, readBatch, rows, submit, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { addFault, clearFaults, listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { expectRepaired, type Internals, openInternals, reconcile } from './support.js';

// The tests run in order on one stack; each repairs its damage, because the next needs a consistent system.
let stack: BatchStack;
let internals: Internals;
let bytes: Buffer;
beforeAll(async () => {
  stack = await startBatchStack();
  internals = await openInternals(stack);
  bytes = await photo();
});
afterAll(async () => {
  await internals.stop();
  await stack.stop();
});
afterEach(async () => {
  if (!isAlive(stack.api.pid)) await stack.restartApi();
  if (!isAlive(stack.worker.pid)) await stack.restartWorker();
});

async function uploads(count: number): Promise<string[]> {
  const responses = await Promise.all(Array.from({ length: count }, () => upload(stack, bytes)));
  return responses.map(({ body }) => body.id);
}

const statusesOf = async (ids: string[]) => {
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id)));
  return images.map(({ status }) => status);
};

async function killApi(): Promise<void> {
  stack.api.kill('SIGKILL');
  await stack.api.exited;
}

test('restores lost jobs, records and an emptied Redis, and processing continues', async () => {
  await stack.worker.stop();
  const ids = await uploads(3);
  await killApi();
  await internals.dropJobs();
  await expectRepaired(
    stack,
    ids.map((id) => ['image-without-job', id]),
  );

  for (const id of ids) {
    const record = await internals.records.get(id);
    if (record !== null) await internals.records.forget(record);
  }
  await expectRepaired(
    stack,
    ids.map((id) => ['image-without-record', id]),
  );

  stack.redis.cli('FLUSHALL');
  await expectRepaired(
    stack,
    ids.map((id) => ['image-without-record', id]),
  );
  await stack.restartApi();
  await stack.restartWorker();
  expect(await statusesOf(ids)).toEqual(ids.map(() => 'published'));
});

test('restores the job, the record and a lost item of a batch', async () => {
  // Two images are published; the outage delays all others.
  const refused = { type: 'error', status: 503, code: 'ServiceUnavailable' };
  await addFault(stack, { operation: 'PutObject', key: '/main\\.', nth: 3, action: refused });
  const { id } = await submit(stack, rows(stack.source.url, 12));
  const isHeld = ({ counts }: Batch) => counts.published === 2 && counts.processing === 0;
  await until('the batch to be held back', 60, async () => {
    const state = await internals.batches.get(id);
    return state?.next === 12 && isHeld((await readBatch(stack, id)).body) ? true : null;
  });
  await stack.worker.stop();

  await internals.dropJobs();
  await expectRepaired(stack, [['batch-without-job', id]]);

  const [item] = (await itemsOf(stack, id)).filter(({ status }) => status === 'queued');
  const state = await internals.batches.get(id);
  if (state !== null) await internals.batches.window(state).leave(item?.id ?? '');
  await expectRepaired(stack, [['item-adrift', item?.id ?? '']]);

  await killApi();
  stack.redis.cli('FLUSHALL');
  const { found, exit } = await reconcile(stack, '--fix');
  expect(found).toContainEqual(['batch-without-record', id, undefined]);
  expect(exit).toBe(0);
  await clearFaults(stack);
  await stack.restartApi();
  await stack.restartWorker();
  expect((await untilFinished(stack, id)).counts).toMatchObject({ published: 12 });
  await expectWhole(stack, [id], await keysOfOthers(id));
});

/** Object keys of all images outside this batch. */
async function keysOfOthers(batchId: string): Promise<string[]> {
  const images = await pages(stack, '/v1/images');
  return images.flatMap((image) => (image.batchId === batchId ? [] : keysOf(image)));
}

const keysOf = ({ variants }: Image) => Object.values(variants).map(({ key }) => key);

test('deletes the record of a batch without items that has not started, else reports it', async () => {
  // Otherwise the sweep would let a worker delete the record.
  await stack.worker.stop();
  const untouched = testBatch({ total: 4 });
  await internals.batches.create(untouched, 1);
  await expectRepaired(stack, [['batch-without-manifest', untouched.id]]);
  await stack.restartWorker();

  const { id } = await submit(stack, rows(stack.source.url, 3));
  await untilFinished(stack, id);
  const folder = internals.staging.layout.batch(id);
  await rename(folder, `${stack.dataDir}/aside`);
  expect(await reconcile(stack, '--fix')).toMatchObject({
    exit: 1,
    found: [['batch-without-manifest', id, undefined]],
  });
  await rename(`${stack.dataDir}/aside`, folder);
  expect(await reconcile(stack)).toMatchObject({ exit: 0 });
});

test('completes a deletion that is stuck at any point', async () => {
  const images = await Promise.all(Array.from({ length: 4 }, () => uploadAndWait(stack, bytes)));
  const [asked, noted, outlived] = images.map(({ id }) => id) as [string, string, string];
  const done = images[3] as Image;
  await stack.worker.stop();
  await internals.records.transition(asked, requestDelete);
  await internals.staging.requestDelete(noted);
  const record = await internals.records.get(outlived);
  if (record !== null) await internals.records.forget(record);
  await internals.staging.forget(outlived);
  await internals.staging.requestDelete(outlived);
  const gone = `img_${'cd'.repeat(16)}`;
  await internals.staging.requestDelete(gone);
  await expectRepaired(
    stack,
    [asked, noted, outlived, gone].map((id) => ['deletion-pending', id]),
  );

  await stack.restartWorker();
  await until('the images to be deleted', 60, async () => {
    const found = await Promise.all([asked, noted, outlived].map((id) => ask(stack, `/v1/images/${id}`)));
    return found.every(({ body }) => body.status === 'deleted') ? true : null;
  });
  expect((await listKeys(stack)).filter((key) => images.some(({ id }) => key.includes(id.slice(4))))).toEqual(
    keysOf(done).toSorted(),
  );
  expect((await ask(stack, `/v1/images/${done.id}`)).body.status).toBe('published');
  // Otherwise the sweep might be faster.
  await stack.worker.stop();
  await internals.staging.requestDelete(asked);
  await expectRepaired(stack, [['deletion-pending', asked]]);
  await stack.restartWorker();
});

test('removes only files that staging does not need', async () => {
  const image = await uploadAndWait(stack, bytes);
  const failed = await uploadAndWait(stack, bytes.subarray(0, 2000));
  // Otherwise the sweep might be faster.
  await stack.worker.stop();
  const { layout } = internals.staging;
  await mkdir(layout.image(image.id), { recursive: true });
  await writeFile(layout.source(image.id), 'left');
  await mkdir(join(layout.incoming, 'img_half'));
  await writeFile(join(layout.incoming, 'img_half', 'source'), 'ha');
  await expectRepaired(stack, [
    ['staged-final-source', image.id],
    ['abandoned-arrival', 'img_half'],
  ]);
  expect(await staged(stack)).toEqual([failed.id]);
  expect(existsSync(layout.source(failed.id))).toBe(true);
  expect((await ask(stack, `/v1/images/${failed.id}/retry`, { method: 'POST' })).status).toBe(202);
});

test('reports unreadable files and a job without a record, without changing them', async () => {
  const image = await uploadAndWait(stack, bytes);
  await stack.worker.stop();
  const { layout } = internals.staging;
  const broken = `img_${'ef'.repeat(16)}`;
  await mkdir(dirname(layout.outcome(broken)), { recursive: true });
  await writeFile(layout.outcome(broken), '{"record":');
  const { exit, lines } = await reconcile(stack, '--fix');
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ kind: 'unreadable-account', id: broken, fixed: false }]);
  await rm(layout.outcome(broken));

  const nothing = testRecord();
  await internals.queue.enqueue(runOf(nothing));
  expect(await reconcile(stack, '--fix')).toMatchObject({
    exit: 0,
    lines: [
      {
        kind: 'job-without-record',
        id: `${nothing.id}-1`,
        detail: expect.stringContaining('process-image'),
      },
    ],
  });
  await stack.restartWorker();
  await until('the job to be done', 60, async () => ((await internals.queue.waiting()) === 0 ? true : null));
  expect((await ask(stack, `/v1/images/${image.id}`)).body.status).toBe('published');
});

test('reports orphans without removing them until Redis is restored', async () => {
  await killApi();
  await stack.worker.stop();
  const key = `ab/${'ab'.repeat(16)}/thumb.webp`;
  await internals.put(key);
  stack.redis.cli('FLUSHALL');
  const seen = await reconcile(stack, '--fix');
  expect(seen.exit).toBe(1);
  expect(seen.lines.filter(({ fixed }) => !fixed)).toMatchObject([{ kind: 'orphan-object', key }]);
  expect(seen.err).toContain('orphans are reported, not removed');
  await stack.restartApi();
  await until('Redis to be restored', 60, async () => {
    const { err } = await reconcile(stack);
    return err.includes('orphans are reported') ? null : true;
  });
  expect(await reconcile(stack, '--fix')).toMatchObject({
    exit: 0,
    lines: [{ kind: 'orphan-object', fixed: true }],
  });
});
