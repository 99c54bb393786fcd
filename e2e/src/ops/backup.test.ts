import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemsOf, pages, readBatch, rows, submit, untilBatch, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { openReviewParts, type ReviewParts } from '../harness/review-settings.js';
import { clocks, OSS } from '../harness/stack.js';
import { decide as answer } from '../review/reviewer.js';
import { commandsIn, reconcile, runOps, spawnOps } from './support.js';

const REVIEWER = 'Bearer key-of-the-reviewer-of-acme';
const DAY = { deleteAfterSeconds: '86400' };
const SMALL = { main: { width: 64, height: 64 }, thumb: { width: 16, height: 16, format: 'webp' } };
const PROFILES = {
  asked: { review: ['http', 'manual'], variants: SMALL },
  people: { review: ['manual'], variants: SMALL },
  receipts: { visibility: 'private', variants: SMALL },
};

let stack: BatchStack;
let review: ReviewParts;
beforeAll(async () => {
  const reviewer = {
    key: REVIEWER.slice('Bearer '.length),
    owner: 'acme',
    scopes: ['read', 'review'],
  } as const;
  review = await openReviewParts(PROFILES, [reviewer]);
  review.reviewer.answer = (_, response) => answer(response, 'hold');
  stack = await startBatchStack({ ...review.settings, ...clocks('sweep=1000') });
});
afterAll(async () => {
  await stack.stop();
  await review.stop();
});

test('restores every image from a backup taken under load, after Redis and staging are lost', async () => {
  const bytes = await photo();
  const options = { fields: { externalId: 'sku-1' }, headers: { 'Idempotency-Key': 'once' } };
  const kept = await uploadAndWait(stack, bytes, options);
  const failed = await uploadAndWait(stack, bytes.subarray(0, 2000));
  const deletedSince = await uploadAndWait(stack, bytes);
  const done = await submit(stack, [...rows(stack.source.url, 3), { url: 'no address' }]);
  await untilFinished(stack, done.id);
  const busy = await submit(stack, rows(stack.source.url, 24, 50));
  const responses = await Promise.all(Array.from({ length: 8 }, () => upload(stack, bytes)));
  const uploads = responses.map(({ body }) => body.id);
  await untilBatch(stack, busy.id, 'to be in progress', ({ counts }) => counts.published > 0);

  const folder = join(stack.dataDir, 'backup');
  expect(await spawnOps(stack, ['backup', folder])).toMatchObject({ exit: 0, out: '' });

  await untilFinished(stack, busy.id);
  const before = [kept, ...(await Promise.all(uploads.map((id) => untilFinal(stack, id))))];
  before.push(...(await itemsOf(stack, busy.id)), ...(await itemsOf(stack, done.id)));
  const since = await uploadAndWait(stack, bytes, { fields: { externalId: 'since' } });
  await remove(deletedSince);

  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  stack.redis.cli('FLUSHALL');
  const root = join(stack.dataDir, 'staging');
  expect(await runOps(stack, ['restore', folder])).toMatchObject({ exit: 2 });
  await rename(root, `${root}.before`);
  expect(await spawnOps(stack, ['restore', folder])).toMatchObject({ exit: 0 });
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  await until('Redis to be restored', 60, async () =>
    stack.api.output().includes('restored from staging') ? true : null,
  );
  const { err } = await runOps(stack, ['recover']);
  expect(err).toMatch(/\b1 images recovered/);

  for (const { id, status, url, externalId, metadata, variants } of before)
    expect(await untilFinal(stack, id)).toMatchObject({ status, url, externalId, metadata, variants });
  expect((await ask(stack, `/v1/images/${kept.id}`)).body.receipt).toEqual(kept.receipt);
  expect((await ask(stack, `/v1/images/${since.id}`)).body).toMatchObject({
    url: since.url,
    externalId: 'since',
  });
  for (const { id } of [done, busy]) await untilFinished(stack, id);
  expect((await readBatch(stack, done.id)).body.counts).toMatchObject({ published: 3, failed: 1 });
  expect((await readBatch(stack, busy.id)).body.counts).toMatchObject({ published: 24 });
  const listed = await pages(stack, '/v1/images');
  // An invalid row has no record, so only its batch lists it.
  const recorded = before.filter(({ error }) => error?.code !== 'invalid_row');
  expect(recorded).toHaveLength(before.length - 1);
  const ids = [...recorded, since, failed, deletedSince].map(({ id }) => id);
  expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect((await upload(stack, bytes, options)).body.id).toBe(kept.id);
  expect((await ask(stack, `/v1/images/${failed.id}/retry`, { method: 'POST' })).status).toBe(202);
  await untilFinal(stack, failed.id);

  // Images deleted since the backup are back without their objects; reconcile reports them, and they are deleted again.
  const left = (await reconcile(stack, '--fix')).lines.filter(({ fixed }) => !fixed);
  expect(left.map(({ kind, id }) => [kind, id])).toEqual(
    Array.from({ length: 2 }, () => ['object-missing', deletedSince.id]),
  );
  await remove(deletedSince);
  expect(await reconcile(stack)).toMatchObject({ exit: 0, found: [] });
  await rm(`${root}.before`, { recursive: true });
  expect(commandsIn(stack)).toEqual(['backup', 'restore failed', 'restore', 'recover', 'reconcile --fix']);
});

test('keeps ended images ended when staging is restored and Redis is not', async () => {
  await stack.worker.stop();
  const { body } = await upload(stack, await photo(320, 200));
  const folder = join(stack.dataDir, 'earlier');
  expect(await runOps(stack, ['backup', folder])).toMatchObject({ exit: 0 });
  await stack.restartWorker();
  const published = await untilFinal(stack, body.id);
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  const root = join(stack.dataDir, 'staging');
  await rm(root, { recursive: true });
  expect(await runOps(stack, ['restore', folder])).toMatchObject({ exit: 0 });
  expect(await readdir(join(root, 'live'))).toContain(body.id.slice(4, 6));
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  await until('the source to be deleted', 60, async () =>
    (await staged(stack)).includes(body.id) ? null : true,
  );
  expect((await ask(stack, `/v1/images/${body.id}`)).body).toEqual(published);
  expect(await reconcile(stack)).toMatchObject({ exit: 0, found: [] });
});

test('knows decisions, both buckets and deletion times after a restore, and the images of both buckets after a recovery', async () => {
  const bytes = await photo(120, 80);
  const submitAs = async (profile: string, fields = {}) =>
    (await upload(stack, bytes, { fields: { profile, ...fields } })).body.id;
  const read = async (id: string) => (await ask(stack, `/v1/images/${id}`)).body;
  const untilStatus = (id: string, status: string) =>
    until(`${id} to be ${status}`, 60, async () => ((await read(id)).status === status ? true : null));
  const untilHeld = (id: string) =>
    until(`${id} to be held`, 60, async () => ((await read(id)).stage === 'reviewing' ? true : null));
  const decide = async (id: string, decision: 'approve' | 'reject') =>
    (
      await ask(stack, `/v1/images/${id}/${decision}`, {
        method: 'POST',
        headers: { Authorization: REVIEWER },
      })
    ).status;

  const [open, kept, due] = [
    await submitAs('receipts'),
    await submitAs('receipts', DAY),
    await submitAs('receipts', { deleteAfterSeconds: '20' }),
  ];
  for (const id of [open, kept, due]) await untilFinal(stack, id);
  expect((await ask(stack, `/v1/images/${kept}/keep`, { method: 'POST' })).status).toBe(200);
  const [approved, rejected, held] = [
    await submitAs('asked'),
    await submitAs('people'),
    await submitAs('people'),
  ];
  for (const id of [approved, rejected, held]) await untilHeld(id);
  const asked = review.reviewer.asked.length;
  // Without a worker, the decisions are not carried out before the backup.
  await stack.worker.stop();
  expect([await decide(approved, 'approve'), await decide(rejected, 'reject')]).toEqual([202, 202]);
  const { deleteAt } = await read(due);

  const folder = join(stack.dataDir, 'decided');
  expect(await runOps(stack, ['backup', folder])).toMatchObject({ exit: 0 });
  await stack.api.stop();
  stack.redis.cli('FLUSHALL');
  await rm(join(stack.dataDir, 'staging'), { recursive: true });
  expect(await runOps(stack, ['restore', folder])).toMatchObject({ exit: 0 });
  await stack.restartApi();
  // The restore queues the held images that have a decision.
  await stack.restartWorker();
  await untilStatus(approved, 'published');
  await untilStatus(rejected, 'failed');
  expect((await read(rejected)).error?.code).toBe('content_rejected');
  await untilHeld(held);
  expect(review.reviewer.asked).toHaveLength(asked);
  expect(await read(kept)).toMatchObject({ status: 'published', deleteAt: null, url: null });
  expect(deleteAt).not.toBeNull();
  await untilStatus(due, 'deleted');
  const objectsOf = async (id: string) => [
    (await listKeys(stack)).filter((key) => key.includes(id.slice(4))).length,
    (await listKeys({ oss: { ...stack.oss, bucket: OSS.privateBucket } })).filter((key) =>
      key.includes(id.slice(4)),
    ).length,
  ];
  const places = {
    [open]: [0, 2],
    [kept]: [0, 2],
    [due]: [0, 0],
    [approved]: [2, 0],
    [rejected]: [0, 0],
    [held]: [0, 0],
  };
  for (const [id, counts] of Object.entries(places)) expect(await objectsOf(id), id).toEqual(counts);
  expect(await reconcile(stack)).toMatchObject({ exit: 0, found: [] });

  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  stack.redis.cli('FLUSHALL');
  await rm(join(stack.dataDir, 'staging'), { recursive: true });
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  expect(await runOps(stack, ['recover'])).toMatchObject({ exit: 0 });
  for (const id of [open, kept, approved])
    expect(await read(id)).toMatchObject({ status: 'published', deleteAt: null });
  for (const id of [due, rejected, held]) expect((await ask(stack, `/v1/images/${id}`)).status).toBe(404);
  expect(await reconcile(stack)).toMatchObject({ exit: 0, found: [] });
});

async function remove({ id }: Image): Promise<void> {
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  await until(`${id} to be deleted`, 60, async () => {
    const { body } = await ask(stack, `/v1/images/${id}`);
    return body.status === 'deleted' ? true : null;
  });
}
