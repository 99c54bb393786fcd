/* Redis goes back to an earlier state, by a backup or a fail-over, and staging and the bucket do not. */
import type { Image } from '@pixdock/contract/image';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectWhole } from '../batch/expect-whole.js';
import { itemsOf, rows, submit, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack, tiny } from '../batch/stack.js';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { type Internals, openInternals, reconcile } from '../ops/support.js';
import { dumpRedis, loadRedis } from './fixtures.js';
import { smallPhoto } from './support.js';

let stack: BatchStack;
let internals: Internals;
let source: SourceServer;
beforeAll(async () => {
  source = await startSourceServer({ images: { a: { bytes: await tiny(30), type: 'image/jpeg' } } });
  stack = await startBatchStack({}, [source.host]);
  internals = await openInternals(stack);
});
afterAll(async () => {
  await internals.stop();
  await stack.stop();
});

test('keeps images final that ended after the backup, with their objects, although their sources are gone', async () => {
  const deleted = await uploadAndWait(stack, await smallPhoto());
  await stack.worker.stop();
  const { body: uploaded } = await upload(stack, await smallPhoto());
  const { body: fetched } = await ask(stack, '/v1/images', {
    method: 'POST',
    body: JSON.stringify({ url: `${source.url}/image/a/once` }),
    headers: { 'Content-Type': 'application/json' },
  });
  const batch = await submit(stack, rows(source.url, 4));
  const earlier = await dumpRedis(internals.redis);

  await stack.restartWorker();
  await untilFinished(stack, batch.id);
  const later = await Promise.all([uploaded, fetched].map(({ id }) => untilFinal(stack, id)));
  await ask(stack, `/v1/images/${deleted.id}`, { method: 'DELETE' });
  await untilDeleted(deleted);
  later.push(...(await itemsOf(stack, batch.id)));
  expect(later.map(({ status }) => status)).toEqual(later.map(() => 'published'));
  const keys = await listKeys(stack);

  await source.stop();
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  stack.redis.cli('FLUSHALL');
  await loadRedis(internals.redis, earlier);
  // The worker starts first, so that it takes jobs of the backup before the restore.
  await stack.restartWorker();
  await until('the jobs of then to be done', 60, async () =>
    (await internals.queue.waiting()) === 0 ? true : null,
  );
  await stack.restartApi();

  await untilFinished(stack, batch.id);
  await untilDeleted(deleted);
  for (const { id, url, variants, version } of later) {
    const image = await untilFinal(stack, id);
    expect(image).toMatchObject({ status: 'published', url, variants });
    expect(image.version).toBeGreaterThan(version);
  }
  expect(await listKeys(stack)).toEqual(keys);
  await expectWhole(stack, [batch.id], keys);
  expect(await reconcile(stack, '--fix')).toMatchObject({ exit: 0, found: [] });
});

const untilDeleted = ({ id }: Image) =>
  until(`${id} to be deleted`, 60, async () => {
    const { body } = await ask(stack, `/v1/images/${id}`);
    return body.status === 'deleted' ? true : null;
  });
