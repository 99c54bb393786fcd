import { newFailureRetry, openFailureRetries } from '@pixdock/shared/state/failures/failure-retries';
import { openFailures } from '@pixdock/shared/state/failures/failures';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { CONTEXT, openWorkerParts, type WorkerParts } from '../testing/worker-parts.js';
import { retryFailures } from './retry-failures.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
beforeEach(() => redis.connection.flushall());

const { connection, settings } = redis;
const failureRetries = openFailureRetries(connection, settings.prefix);
const ID = `frt_${'1'.repeat(32)}`;
const EARLIER = new Date(Date.now() - 1000).toISOString();

async function openJob() {
  const parts = await openWorkerParts(redis);
  const failures = openFailures(connection, settings.prefix);
  const job = retryFailures({ ...parts, failures, failureRetries }, 2);
  /** Runs the job to its end. */
  async function run() {
    let result = await job({ retryId: ID, owner: 'acme' }, CONTEXT);
    while (result.outcome === 'again') result = await job({ retryId: ID, owner: 'acme' }, CONTEXT);
    return failureRetries.get(ID);
  }
  return { ...parts, job, run };
}

/** A failed image whose source can be fetched again, unless it is lost. */
async function addFailed(
  { records, staging }: WorkerParts,
  changes: RecordChanges = {},
  isLost = false,
): Promise<ImageRecord> {
  const made = testRecord({ status: 'failed', finishedAt: EARLIER, ...changes });
  const record = { ...made, source: { ...made.source, kind: 'url' as const, url: 'https://h/' } };
  const origin = isLost ? null : ({ kind: 'url', url: 'https://h/', headers: {} } as const);
  await using arrival = staging.openUnfetchedArrival(record.id);
  await arrival.commit({ record, origin, idempotency: null });
  arrival.keep();
  await records.create(record);
  return record;
}

it('retries what matches, and counts what cannot be retried', async () => {
  const parts = await openJob();
  const { records, queue, run } = parts;
  const wanted = [];
  for (let i = 0; i < 5; i++) wanted.push(await addFailed(parts));
  const lost = await addFailed(parts, {}, true);
  const deleted = await addFailed(parts);
  await records.transition(deleted.id, requestDelete);
  const others = [
    await addFailed(parts, { error: storedError('source_timeout') }),
    await addFailed(parts, { owner: 'other' }),
  ];
  await failureRetries.create(newFailureRetry(ID, 'acme', { code: 'image_truncated', host: 'h' }));
  const later = await addFailed(parts, { finishedAt: new Date(Date.now() + 60_000).toISOString() });
  expect(await run()).toMatchObject({ status: 'finished', retried: 5, skipped: 2 });
  for (const { id } of wanted)
    expect(await records.get(id)).toMatchObject({ status: 'queued', run: 2, error: null });
  for (const { id } of [lost, deleted, later, ...others])
    expect(await records.get(id)).toMatchObject({ status: 'failed', run: 1 });
  expect(queue.runs.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
  expect(await run()).toMatchObject({ retried: 5 });
});

it('lets the batch start its items, unless the batch is over', async () => {
  const parts = await openJob();
  const ids = ['2', '3'].map((digit) => `bat_${digit.repeat(32)}`);
  const items = [];
  for (const batchId of ids) items.push(await addFailed(parts, { batchId }));
  const { batches, staging, records, queue, run } = parts;
  const open = { deleteRequestedAt: null, forgottenAt: null };
  batches.inRedis = async (id) => ({ ...open, id, cancelRequestedAt: id === ids[1] ? 1 : null }) as never;
  staging.hasSource = async () => true;
  await failureRetries.create(newFailureRetry(ID, 'acme', {}));
  expect(await run()).toMatchObject({ retried: 1, skipped: 1 });
  expect(queue.expansions).toEqual([ids[0]]);
  expect(queue.runs).toEqual([]);
  expect((await records.get(items[1]?.id ?? ''))?.status).toBe('failed');
});

it('retries only failures before `until`', async () => {
  const parts = await openJob();
  const older = await addFailed(parts, { finishedAt: new Date(Date.now() - 60_000).toISOString() });
  const newer = await addFailed(parts);
  await failureRetries.create(newFailureRetry(ID, 'acme', { until: EARLIER }));
  expect(await parts.run()).toMatchObject({ status: 'finished', until: EARLIER, retried: 1, skipped: 0 });
  expect((await parts.records.get(older.id))?.status).toBe('queued');
  expect((await parts.records.get(newer.id))?.status).toBe('failed');
});

it('continues after a stop of the worker', async () => {
  const parts = await openJob();
  const { id } = await addFailed(parts);
  await failureRetries.create(newFailureRetry(ID, 'acme', {}));
  const stopped = { ...CONTEXT, signal: AbortSignal.abort() };
  expect(await parts.job({ retryId: ID, owner: 'acme' }, stopped)).toEqual({ outcome: 'again', afterMs: 0 });
  expect((await parts.records.get(id))?.status).toBe('failed');
  expect(await parts.run()).toMatchObject({ retried: 1 });
});
