import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { openQueue } from '@pixdock/shared/queue';
import { openRecords } from '@pixdock/shared/records/records';
import * as transitions from '@pixdock/shared/records/transitions';
import { openStaging } from '@pixdock/shared/staging/staging';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, test } from 'vitest';
import { LostImage } from '../publish/put.js';
import { takeInHand } from './attempt.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-attempt-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

test('who fails too late, when another attempt has the image, leaves what that one has stored', async () => {
  const { store } = await openStoreOnOss();
  const records = openRecords(redis.connection, redis.settings.prefix);
  const queue = openQueue(redis.connection, redis.settings.prefix, () => {});
  const config = { retentionMs: 1000, storageGiveUpMs: 1000 };
  const parts = { records, store, queue, staging: await openStaging(dataDir), config };
  const object = sampleObject();
  const record = testRecord();
  await records.create(record);
  const begin = async (holder: string) => {
    const at = { run: 1, holder };
    const { outcome, ...moved } = await records.move(record.id, (current) =>
      transitions.begin(current, at, 'uploading'),
    );
    if (!('record' in moved)) throw new Error(outcome);
    return takeInHand(parts, moved.record, at);
  };
  const first = await begin('first');
  await first.advance('uploading', [object.key]);
  const late = await begin('late');
  await begin('another');
  await store.put(object);
  await expect(late.fail('processing_crashed')).rejects.toThrow(LostImage);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
  await queue.close();
});
