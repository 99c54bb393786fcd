/* States and moments that are hard to reach with running services. e2e/src/ops has the others. */

import type { ListedObject } from '@pixdock/object-store/types';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { objectKey } from '@pixdock/shared/state/object-key';
import { NEXT_METADATA_KEY, testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { openInstallation } from '../testing/open-installation.js';
import { checkWithoutRecord } from './check-without-record.js';
import { type Discrepancy, startReport } from './report.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
const open = () => openInstallation(redis.settings.url);

it('restores a final status that Redis lost from its outcome in staging', async () => {
  const { records, queue, staging, reconcile } = await open();
  const record = testRecord();
  await records.create(record);
  await queue.enqueue(runOf(record));
  const at = new Date(Date.now() - 1000).toISOString();
  await staging.writeOutcome(
    changedRecord(record, { status: 'failed', version: 3, updatedAt: at, finishedAt: at }),
  );
  const behind = { kind: 'record-behind', id: record.id };
  const fixable = expect.stringContaining('Nothing was changed: use --fix.');
  expect(await reconcile()).toMatchObject({ exit: 1, err: fixable, found: [{ ...behind, fixed: false }] });
  expect(await reconcile('--fix')).toMatchObject({ exit: 0, found: [{ ...behind, fixed: true }] });
  expect(await reconcile()).toMatchObject({ exit: 0, found: [] });
  expect(await records.get(record.id)).toMatchObject({ status: 'failed' });
});

it('reports an image that no key opens, and removes neither its objects nor its deletion', async () => {
  const { publish, reconcile, staging, store } = await open();
  const { id, variants } = await publish(testRecord(), testMetadataKeys(NEXT_METADATA_KEY));
  await staging.requestDelete(id);
  expect((await reconcile()).err).toContain('--fix would change nothing');
  const { exit, found, err } = await reconcile('--fix');
  const sealed = { kind: 'sealed-metadata', id, fixed: false, detail: expect.stringMatching(/: next$/) };
  expect([exit, found]).toMatchObject([1, [sealed, sealed]]);
  expect(err).toContain('The rest must be fixed by hand');
  for (const { key } of Object.values(variants)) expect(await store.head(key)).not.toBeNull();
  expect(await staging.has(id, 'deletion')).toBe(true);
});

/** Checks an image with a variant in the bucket, and without a record, a staged file or a `main`. */
async function openOrphan() {
  const installation = await open();
  const record = testRecord();
  const key = objectKey('', record.id, 'thumb', 'webp');
  await installation.put(key);
  const findings: Discrepancy[] = [];
  const found = async (finding: Discrepancy) => void findings.push(finding);
  const deps = {
    ...installation,
    // Since it was opened, the restore has ended.
    isRedisKnown: true,
    report: { ...startReport(false, 'en', () => {}), found },
    beforeMs: Date.now() + 60_000,
  };
  return {
    findings,
    /** As if the image were submitted at this moment. */
    createRecord: () => installation.records.create(record),
    check: async () => {
      const objects: ListedObject[] = [];
      for await (const listed of installation.store.list('')) objects.push(listed);
      await checkWithoutRecord(deps, { id: record.id, objects }, { outlived: 0, foreign: 0 });
    },
    isStored: async () => (await installation.store.head(key)) !== null,
  };
}

it('does not report an object whose image got a record after the first look', async () => {
  const { findings, createRecord, check } = await openOrphan();
  await createRecord();
  await check();
  expect(findings).toEqual([]);
});

it('keeps a reported object whose image got a record before the removal', async () => {
  const { findings, createRecord, check, isStored } = await openOrphan();
  await check();
  await createRecord();
  expect(findings).toMatchObject([{ kind: 'orphan-object' }]);
  expect(await findings[0]?.fix?.()).toBe(false);
  expect(await isStored()).toBe(true);
});
