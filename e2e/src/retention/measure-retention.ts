import { randomBytes } from 'node:crypto';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openRecords } from '@pixdock/shared/state/images/records';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { until } from '../harness/client.js';
import { startApiOnly } from '../harness/stack.js';
import { sweepEvery } from '../harness/sweep.js';

const PREFIX = '{pixdock}';
/** The first sweep begins after this time, and runs for up to 30 s. */
const SWEEP_EVERY_MS = 1000;
const LONGEST_SECONDS = 600;

/** Lets one worker delete expired records, behind records that it cannot read. */
export async function measureRetention(images: number, unreadable: number): Promise<{ seconds: number }> {
  const stack = await startApiOnly();
  const connection = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
  try {
    const keys = recordKeys(PREFIX);
    const records = openRecords(connection, PREFIX);
    const staging = await openStaging(stack.dataDir);
    await inGroups(some(unreadable, newId), async (id) => {
      await connection.hset(keys.record(id), { version: '1', doc: '{"status":"unknown"}' });
      await connection.zadd(keys.expiring, 1, id);
    });
    await inGroups(some(images, expiredRecord), async (record) => {
      await records.create(record);
      await staging.writeOutcome(record);
    });
    const left = () => records.expired(Date.now(), 1);
    await stack.restartWorker();
    const begun = performance.now();
    await sweepEvery(stack, SWEEP_EVERY_MS);
    await until('all expired records to be deleted', LONGEST_SECONDS, async () =>
      (await left()).length === 0 ? true : null,
    );
    return { seconds: (performance.now() - begun) / 1000 };
  } finally {
    connection.disconnect();
    await stack.stop();
  }
}

function* some<T>(count: number, make: () => T): Generator<T> {
  for (let i = 0; i < count; i++) yield make();
}

const newId = () => `img_${randomBytes(16).toString('hex')}`;

function expiredRecord(): ImageRecord {
  const ended = isoTime(Date.now() - 60_000);
  return testRecord({ status: 'published', finishedAt: ended, expiresAt: ended });
}
