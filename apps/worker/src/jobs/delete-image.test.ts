import { PUT_TIMEOUT_MS } from '@pixdock/object-store/open';
import { sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { restoreRecord } from '@pixdock/shared/state/images/restored-record';
import { objectKey } from '@pixdock/shared/state/object-key';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { storageFault } from '../testing/store-double.js';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { deleteImage } from './delete-image.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const KEYS = ['a/main.jpg', 'a/thumb.jpg'];

async function publishedImage() {
  const parts = await openWorkerParts(redis);
  const record = testRecord({ status: 'published' });
  record.internal.keys = KEYS;
  await parts.records.create(record);
  const removed: string[] = [];
  parts.store.before = (operation, key) => operation === 'remove' && removed.push(key);
  const payload = { imageId: record.id, owner: record.owner };
  return { ...parts, id: record.id, removed, payload };
}

it('removes the objects of an image and marks it deleted', async () => {
  const { removed, payload, id, records, staging, ...parts } = await publishedImage();
  const remove = deleteImage({ ...parts, staging });
  expect(await remove(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(removed).toEqual(KEYS);
  expect((await records.get(id))?.status).toBe('deleted');
  expect((await staging.ownEntry(id))?.record.status).toBe('deleted');
});

it('gives the job back to its queue when the worker stops', async () => {
  const { payload, ...parts } = await publishedImage();
  const stopping = new AbortController();
  parts.store.before = () => stopping.abort();
  const remove = deleteImage(parts);
  const context = { ...CONTEXT, signal: stopping.signal };
  expect(await remove(payload, context)).toEqual({ outcome: 'again', afterMs: 0 });
});

it('removes no object of an image while a run of it is in progress', async () => {
  const { removed, payload, ...parts } = await publishedImage();
  let isRunning = true;
  parts.queue.isRunning = async () => isRunning;
  const remove = deleteImage(parts);
  expect(await remove(payload, CONTEXT)).toMatchObject({ outcome: 'again' });
  expect(removed).toEqual([]);
  isRunning = false;
  expect(await remove(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(removed).toEqual(KEYS);
});

it('opens the circuit breaker when OSS is away, and waits while it is open', async () => {
  const { payload, id, records, ...parts } = await publishedImage();
  let calls = 0;
  parts.store.before = () => {
    calls++;
    throw storageFault('transient');
  };
  const remove = deleteImage(parts);
  expect(await remove(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 5000 });
  expect(await remove(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 5000 });
  expect(calls).toBe(1);
  const found = await records.get(id);
  expect(found?.status).toBe('published');
  expect(found?.deleteRequestedAt).not.toBe(null);
});

it('opens only the circuit breaker of the bucket that is away, whatever the profile of the image is now', async () => {
  const { payload, id, records, ...parts } = await publishedImage();
  await records.transition(id, (record) => ({
    ...record,
    internal: { ...record.internal, keys: ['private/a/main.jpg'] },
  }));
  parts.store.before = () => {
    throw storageFault('transient');
  };
  expect(await deleteImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 5000 });
  expect([parts.breaker.state(), parts.privateBreaker.state()]).toEqual(['closed', 'open']);
});

it('keeps the circuit breaker closed when OSS refuses the removal of an object', async () => {
  const { payload, ...parts } = await publishedImage();
  parts.store.before = () => {
    throw storageFault('configuration', { code: 'AccessDenied' });
  };
  expect(await deleteImage(parts)(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 15_000 });
  expect(parts.breaker.state()).toBe('closed');
  expect(parts.lines.map(({ msg }) => msg)).toContain('OSS refuses to remove an object');
});

it('does nothing for an image without a record and without an entry in staging', async () => {
  const parts = await openWorkerParts(redis);
  const { id, owner } = testRecord();
  expect(await deleteImage(parts)({ imageId: id, owner }, CONTEXT)).toEqual({ outcome: 'done' });
});

it('removes an object again that OSS receives late from an attempt before a loss of Redis', async () => {
  const { connection, settings } = redis;
  const parts = await openWorkerParts(redis);
  const { id, owner } = testRecord();
  await parts.records.create(restoreRecord(testRecord({ id, owner }), 0));
  const remove = () => deleteImage(parts)({ imageId: id, owner }, CONTEXT);
  expect(await remove()).toEqual({ outcome: 'again', afterMs: expect.any(Number) });
  expect((await parts.records.get(id))?.status).toBe('queued');
  await parts.store.put(sampleObject({ key: objectKey('', id, 'main', 'jpeg') }));
  await connection.hset(recordKeys(settings.prefix).epoch, 'beganAt', Date.now() - PUT_TIMEOUT_MS - 1000);
  expect(await remove()).toEqual({ outcome: 'done' });
  expect(parts.store.objects.size).toBe(0);
  expect((await parts.records.get(id))?.status).toBe('deleted');
});
