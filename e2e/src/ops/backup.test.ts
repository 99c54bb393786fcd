import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemsOf, pages, readBatch, rows, submit, untilBatch, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { commandsIn, reconcile, runOps, spawnOps } from './support.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

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
  await until('the source to be deleted', 60, async () => (staged(stack).includes(body.id) ? null : true));
  expect((await ask(stack, `/v1/images/${body.id}`)).body).toEqual(published);
  expect(await reconcile(stack)).toMatchObject({ exit: 0, found: [] });
});

async function remove({ id }: Image): Promise<void> {
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  await until(`${id} to be deleted`, 60, async () => {
    const { body } = await ask(stack, `/v1/images/${id}`);
    return body.status === 'deleted' ? true : null;
  });
}
