import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { openRecords } from '@pixdock/shared/state/images/records';
import { objectKey } from '@pixdock/shared/state/object-key';
import { openState } from '@pixdock/shared/state/open-state';
import { openStaging } from '@pixdock/shared/state/staging';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { stub } from '@pixdock/shared/testing/stub';
import { afterAll, expect, test } from 'vitest';
import { checkWithoutRecord } from './check-without-record.js';
import type { ReconcileDeps } from './deps.js';
import type { Discrepancy } from './report.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-reconcile-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

/** An image with a variant in the bucket, and without a record, a staged file or a `main`. */
async function openOrphan() {
  const { store } = await openStoreOnOss();
  const record = testRecord();
  const object = sampleObject({ key: objectKey('', record.id, 'thumb', 'webp') });
  await store.put(object);
  const records = openRecords(redis.connection, redis.settings.prefix);
  const staging = await openStaging(dataDir);
  const findings: Discrepancy[] = [];
  const deps = stub<ReconcileDeps>({
    images: openState(redis.connection, redis.settings.prefix, staging).images,
    store,
    staging,
    config: { metadataKeys: testMetadataKeys(), store: { prefix: '' } },
    report: { found: async (finding: Discrepancy) => void findings.push(finding) },
    isRedisKnown: true,
    beforeMs: Date.now() + 60_000,
  });
  return {
    findings,
    /** As if the image were submitted at this moment. */
    createRecord: () => records.create(record),
    check: async () => {
      const objects = [];
      for await (const listed of store.list('')) objects.push(listed);
      await checkWithoutRecord(deps, { id: record.id, objects }, { outlived: 0, foreign: 0 });
    },
    isStored: async () => (await store.head(object.key)) !== null,
  };
}

test('removes an object without a record, a staged file or a main', async () => {
  const { findings, check, isStored } = await openOrphan();
  await check();
  expect(findings).toMatchObject([{ kind: 'orphan-object' }]);
  expect(await findings[0]?.fix?.()).toBe(true);
  expect(await isStored()).toBe(false);
});

test('does not report an object whose image got a record after the first look', async () => {
  const { findings, createRecord, check } = await openOrphan();
  await createRecord();
  await check();
  expect(findings).toEqual([]);
});

test('keeps a reported object whose image got a record before the removal', async () => {
  const { findings, createRecord, check, isStored } = await openOrphan();
  await check();
  await createRecord();
  expect(await findings[0]?.fix?.()).toBe(false);
  expect(await isStored()).toBe(true);
});
