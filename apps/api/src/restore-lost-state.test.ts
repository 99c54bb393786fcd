import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobQueue } from '@pixdock/shared/queue/job-queue';
import { GROUP } from '@pixdock/shared/runtime/in-groups';
import { createLog } from '@pixdock/shared/runtime/log';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { openStaging } from '@pixdock/shared/state/staging';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { restoreLostState } from './restore-lost-state.js';

const SWEEP_MS = 60_000;
/** More than three groups. The fault is in the second, so that the first and second are read before the restore begins again. */
const IMAGES = 3 * GROUP + 1;
const FAILS_AT = GROUP + 10;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

test('reads no restored image again when a command of Redis times out in the middle', async () => {
  const { read, missing } = await restoreWithFault(async () => {});
  expect(missing).toEqual([]);
  expect(read).toHaveLength(IMAGES + 1);
});

test('begins with the first image when Redis was emptied before the restore continues', async () => {
  const { read, missing } = await restoreWithFault(() => redis.connection.flushall());
  expect(missing).toEqual([]);
  const [first] = read;
  // In the group that follows those two.
  expect(read.indexOf(first ?? '', 1)).toBeLessThan(3 * GROUP);
});

/** Restores final images into an empty Redis; reading one of them fails once, after `fault`. */
async function restoreWithFault(fault: () => Promise<unknown>) {
  const { connection, settings } = redis;
  const { prefix } = settings;
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-restore-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const [staging, records] = [await openStaging(dir), openRecords(connection, prefix)];
  const final = Array.from({ length: IMAGES }, () => testRecord({ status: 'published', url: 'http://a/b' }));
  await Promise.all(final.map((record) => staging.writeOutcome(record)));

  const read: string[] = [];
  const get = async (id: string) => {
    read.push(id);
    if (read.length !== FAILS_AT) return records.get(id);
    await fault();
    throw new Error('Command timed out');
  };
  const queue: Partial<JobQueue> = { setPaused: async () => {}, scheduleSweep: async () => {} };
  const batches = openBatches(openBatchStates(connection, prefix), staging);
  const parts = {
    staging,
    epoch: records.epoch,
    images: openImages({ records: { ...records, get }, batches, staging }),
    batches,
    queue: queue as JobQueue,
    idempotency: openIdempotency(connection, prefix),
    endpoints: { restore: async () => {} },
    log: createLog('test', { level: 'silent' }),
  };
  const stopping = new AbortController();
  const restoring = restoreLostState({ redis: connection, prefix, ...parts }, SWEEP_MS, stopping.signal);
  await expect.poll(() => records.epoch.isRestored(), { timeout: 15_000 }).toBe(true);
  stopping.abort();
  await restoring;
  const found = await Promise.all(final.map(({ id }) => records.get(id)));
  return { read, missing: final.filter((_, place) => found[place] === null) };
}
