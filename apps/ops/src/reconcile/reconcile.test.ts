import { access, rm, writeFile } from 'node:fs/promises';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { objectKey } from '@pixdock/shared/state/object-key';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { type Installation, openInstallation } from '../testing/open-installation.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
const open = () => openInstallation(redis.settings.url);

/** Expects one kind of difference, in any order, which `--fix` removes. */
async function expectFixed({ reconcile }: Installation, kind: string, ids: string[]): Promise<void> {
  const expected = (fixed: boolean) => new Set(ids.map((id) => `${kind} ${id} ${fixed}`));
  const run = async (...args: string[]) => {
    const { found, ...rest } = await reconcile(...args);
    return { ...rest, found: new Set(found.map((each) => `${each.kind} ${each.id} ${each.fixed}`)) };
  };
  const seen = await run();
  expect(seen.found).toEqual(expected(false));
  expect([seen.exit, seen.err]).toEqual([1, expect.stringContaining('Nothing was changed: use --fix.')]);
  const fixed = await run('--fix');
  expect(fixed.found).toEqual(expected(true));
  expect(fixed.exit).toBe(0);
  expect(await reconcile()).toMatchObject({ exit: 0, found: [] });
}

/** Expects one difference, which must be fixed by hand. */
async function expectReported({ reconcile }: Installation, expected: object): Promise<void> {
  const seen = await reconcile();
  expect([seen.exit, seen.err]).toEqual([1, expect.stringContaining('--fix would change nothing')]);
  const { exit, found, err } = await reconcile('--fix');
  expect(found).toMatchObject([{ ...expected, fixed: false }]);
  expect([exit, err]).toEqual([1, expect.stringContaining('The rest must be fixed by hand')]);
}

it('finds nothing in a consistent installation, and counts what it checked', async () => {
  const installation = await open();
  const { records, publish, put, reconcile } = installation;
  await records.create(await publish(testRecord()));
  // The record of this one has expired.
  await publish(testRecord());
  await put('notes.txt');
  const { exit, err, found } = await reconcile();
  expect({ exit, found }).toEqual({ exit: 0, found: [] });
  expect(err).toContain(
    'Checked 1 records, 4 objects, 0 batches and 0 jobs; 1 published images have no record here: it expired',
  );
  expect(err).toContain('No differences found.');
});

it('ignores changes of the last hour', async () => {
  const { records, ops } = await open();
  await records.create(testRecord());
  expect(await ops('reconcile')).toMatchObject({ exit: 0, out: '' });
});

it('enqueues an image without a job', async () => {
  const installation = await open();
  const record = testRecord();
  await installation.stage(record);
  await installation.records.create(record);
  await expectFixed(installation, 'image-without-job', [record.id]);
});

it('restores the record of a staged image', async () => {
  const installation = await open();
  const record = testRecord();
  await installation.stage(record);
  await expectFixed(installation, 'image-without-record', [record.id]);
  expect(await installation.records.get(record.id)).toMatchObject({ status: 'queued' });
});

it('restores a final status that Redis lost from its outcome in staging', async () => {
  const installation = await open();
  const record = testRecord();
  await installation.records.create(record);
  await installation.queue.enqueue(runOf(record));
  const at = new Date(Date.now() - 1000).toISOString();
  await installation.staging.writeOutcome(
    changedRecord(record, { status: 'failed', version: 3, updatedAt: at, finishedAt: at }),
  );
  await expectFixed(installation, 'record-behind', [record.id]);
  expect(await installation.records.get(record.id)).toMatchObject({ status: 'failed' });
});

it('removes the source of a published image', async () => {
  const installation = await open();
  const record = testRecord();
  await installation.stage(record);
  await installation.records.create(await installation.publish(record));
  const { found } = await installation.reconcile('--fix');
  expect(found).toMatchObject([{ kind: 'staged-final-source', id: record.id, fixed: true }]);
  expect(await installation.reconcile()).toMatchObject({ exit: 0, found: [] });
});

it('enqueues a deletion that the record requests', async () => {
  const installation = await open();
  const record = await installation.publish(testRecord());
  await installation.records.create(record);
  await installation.records.transition(record.id, requestDelete);
  await expectFixed(installation, 'deletion-pending', [record.id]);
});

it('requests a deletion in the record that only staging has', async () => {
  const installation = await open();
  const record = await installation.publish(testRecord());
  await installation.records.create(record);
  await installation.staging.requestDelete(record.id);
  await expectFixed(installation, 'deletion-pending', [record.id]);
  expect((await installation.records.get(record.id))?.deleteRequestedAt).not.toBeNull();
});

it('deletes an image that Redis lost and only the bucket has', async () => {
  const installation = await open();
  const { id } = await installation.publish(testRecord());
  await installation.staging.requestDelete(id);
  await expectFixed(installation, 'deletion-pending', [id]);
  expect((await installation.records.get(id))?.deleteRequestedAt).not.toBeNull();
});

it('reports an image that no key opens, and removes neither its objects nor its deletion', async () => {
  const { publish, reconcile, staging, store } = await open();
  const { id, variants } = await publish(testRecord(), testMetadataKeys(NEXT_METADATA_KEY));
  await staging.requestDelete(id);
  const { exit, found } = await reconcile('--fix');
  const sealed = { kind: 'sealed-metadata', id, fixed: false, detail: expect.stringMatching(/: next$/) };
  expect([exit, found]).toMatchObject([1, [sealed, sealed]]);
  for (const { key } of Object.values(variants)) expect(await store.head(key)).not.toBeNull();
  await access(staging.layout.deletion(id));
});

it('drops the request for a deletion that is done', async () => {
  const installation = await open();
  const gone = testRecord();
  const deleted = testRecord({ status: 'deleted' });
  await installation.records.create(deleted);
  for (const { id } of [gone, deleted]) await installation.staging.requestDelete(id);
  await expectFixed(installation, 'deletion-pending', [gone.id, deleted.id]);
});

it('removes objects of a failed image', async () => {
  const installation = await open();
  const record = testRecord({ status: 'failed' });
  await installation.records.create(record);
  await installation.put(objectKey('', record.id, 'main', 'webp'));
  await expectFixed(installation, 'leftover-object', [record.id]);
});

it('removes an object that neither the record nor the main object names', async () => {
  const installation = await open();
  const record = await installation.publish(testRecord());
  await installation.records.create(record);
  await installation.put(objectKey('', record.id, 'thumb', 'png'));
  await expectFixed(installation, 'unnamed-variant', [record.id]);
});

it('reports an object that is missing, different or a second main', async () => {
  const installation = await open();
  const record = await installation.publish(testRecord());
  const { thumb } = record.variants;
  if (thumb === undefined) throw new Error('no thumb');
  await installation.records.create(record);
  await installation.put(thumb.key, {}, 'x'.repeat(thumb.bytes));
  await expectReported(installation, { kind: 'object-differs', id: record.id, key: thumb.key });
  await installation.store.remove(thumb.key);
  await expectReported(installation, { kind: 'object-missing', id: record.id, key: thumb.key });
  await installation.records.forget(record);
  await installation.publish(record);
  await installation.records.create(record);
  const key = objectKey('', record.id, 'main', 'png');
  await installation.put(key);
  await expectReported(installation, { kind: 'second-main', id: record.id, key });
});

it('reports a variant of an image with an expired record that is missing', async () => {
  const installation = await open();
  const { id, variants } = await installation.publish(testRecord());
  const key = variants.thumb?.key ?? '';
  await installation.store.remove(key);
  await expectReported(installation, { kind: 'object-missing', id, key });
});

it('reports a job without a record as harmless', async () => {
  const { queue, reconcile } = await open();
  await queue.delete(testRecord().id, 'acme');
  expect(await reconcile()).toMatchObject({ exit: 0, found: [{ kind: 'job-without-record' }] });
});

it('reports what it cannot read', async () => {
  const installation = await open();
  const [staged, recorded] = [testRecord(), testRecord()];
  await installation.stage(staged);
  await writeFile(`${installation.staging.layout.image(staged.id)}/submission.json`, '{');
  await installation.records.create(recorded);
  const { prefix } = installation.config.redis;
  await installation.redis.hset(`${prefix}:image:${recorded.id}`, 'doc', '{}');
  const { exit, found } = await installation.reconcile('--fix');
  expect([exit, found.map(({ kind, id }) => [kind, id])]).toEqual([
    1,
    [
      ['unreadable-account', staged.id],
      ['unreadable-record', recorded.id],
    ],
  ]);
});

/** Stages a batch of two items. */
async function stageBatch({ staging }: Installation) {
  const entry = testBatch({ total: 2, createdAt: new Date(Date.now() - 1000).toISOString() });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2]) await arrival.add(testItem(row));
  await arrival.commit(entry);
  arrival.keep();
  return entry;
}

it('restores the record and the job of a staged batch', async () => {
  const installation = await open();
  const { id } = await stageBatch(installation);
  await expectFixed(installation, 'batch-without-record', [id]);
  expect(await installation.batches.get(id)).toMatchObject({ total: 2, queued: 2 });
});

it('enqueues a batch without a job', async () => {
  const installation = await open();
  const entry = await stageBatch(installation);
  await installation.batches.create(entry, 1);
  await expectFixed(installation, 'batch-without-job', [entry.id]);
});

it('forgets an untouched batch whose items are lost, and reports one in progress', async () => {
  const installation = await open();
  const { batches, redis: connection, config, queue } = installation;
  const [untouched, begun] = [testBatch(), testBatch()];
  for (const entry of [untouched, begun]) await batches.create(entry, 1);
  const key = `${config.redis.prefix}:batch:${begun.id}`;
  await connection.hset(key, 'queued', 2, 'published', 1, 'next', 1);
  await queue.expand(untouched.id);
  const { exit, found } = await installation.reconcile('--fix');
  expect(exit).toBe(1);
  expect(Object.fromEntries(found.map(({ kind, id, fixed }) => [`${kind} ${id}`, fixed]))).toMatchObject({
    [`batch-without-manifest ${untouched.id}`]: true,
    [`batch-without-manifest ${begun.id}`]: false,
  });
  expect(await batches.get(untouched.id)).toBeNull();
});

it('removes nothing while Redis is not the one that the API restored', async () => {
  const installation = await open();
  const key = objectKey('', testRecord().id, 'thumb', 'webp');
  await installation.put(key);
  await installation.redis.del(`${installation.config.redis.prefix}:epoch`);
  const { err, found } = await installation.reconcile('--fix');
  expect(found).toMatchObject([{ kind: 'orphan-object', key, fixed: false }]);
  expect(err).toContain('Redis was emptied, restarted or replaced');
});

it('refuses to run without staging, and says why', async () => {
  const { dataDir, ops } = await open();
  await rm(`${dataDir}/staging`, { recursive: true });
  const { exit, err } = await ops('reconcile');
  expect(exit).toBe(2);
  expect(err).toContain(`${dataDir}/staging`);
});
