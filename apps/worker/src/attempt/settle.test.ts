import { existsSync } from 'node:fs';
import { sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { storageFault } from '../testing/store-double.js';
import { openWorkerParts } from '../testing/worker-parts.js';
import { settle } from './settle.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const object = sampleObject();

async function stagedImage(status: 'processing' | 'published' | 'canceled') {
  const parts = await openWorkerParts(redis);
  const record = testRecord({ status });
  record.internal.keys = [object.key];
  await parts.staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  await parts.store.put(object);
  const isStaged = () => existsSync(parts.staging.layout.image(record.id));
  return { ...parts, record, isStaged };
}

it('does not change an image in progress', async () => {
  const { record, isStaged, ...parts } = await stagedImage('processing');
  expect(await settle(parts, record)).toEqual({ outcome: 'done' });
  expect(isStaged()).toBe(true);
});

it('removes the files of a published image from staging, and keeps its objects', async () => {
  const { record, isStaged, ...parts } = await stagedImage('published');
  expect(await settle(parts, record)).toEqual({ outcome: 'done' });
  expect(isStaged()).toBe(false);
  expect([...parts.store.objects.keys()]).toEqual([object.key]);
});

it('removes the objects of a canceled image, and tries again while OSS is away', async () => {
  const { record, ...parts } = await stagedImage('canceled');
  parts.store.before = () => {
    throw storageFault('transient');
  };
  expect(await settle(parts, record)).toEqual({ outcome: 'again', afterMs: 5000 });
  parts.store.before = () => {};
  expect(await settle(parts, record)).toEqual({ outcome: 'done' });
  expect(parts.store.objects.size).toBe(0);
});

it('removes the objects of a canceled image again once no put without a response can store them', async () => {
  const { record, ...parts } = await stagedImage('canceled');
  record.internal.unansweredPutAt = isoTime(nowMs() - 10_000);
  const settled = await settle(parts, record);
  expect(settled.outcome === 'again' && Math.round(settled.afterMs / 1000)).toBe(30);
});
