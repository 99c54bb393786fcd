import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { startTestAttempt } from '../testing/start-test-attempt.js';
import { storageFault } from '../testing/store-double.js';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { handleError } from './handle-error.js';
import { LostImage } from './start-attempt.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

async function failedAttempt() {
  const parts = await openWorkerParts(redis);
  const record = testRecord();
  await parts.staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  await parts.records.create(record);
  const attempt = await startTestAttempt(parts, record.id, 'uploading');
  const read = async () => parts.records.get(record.id);
  const handle = (error: unknown, context = CONTEXT) => handleError(parts, attempt, error, context);
  return { parts, record, read, handle };
}

it('fails the image with the code and the detail of a PixdockError', async () => {
  const { handle, read } = await failedAttempt();
  const detail = detailOf('source-over-limit', { max: 9 });
  expect(await handle(new PixdockError('source_too_large', detail))).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ status: 'failed', error: storedError('source_too_large', detail) });
});

it('delays the image on a fault of OSS', async () => {
  const { handle, read } = await failedAttempt();
  expect(await handle(storageFault('throttled'))).toMatchObject({ outcome: 'again' });
  expect((await read())?.status).toBe('queued');
});

it('gives the image back to its queue when the worker stops, whatever the error', async () => {
  const { handle, read } = await failedAttempt();
  const context = { ...CONTEXT, signal: AbortSignal.abort() };
  expect(await handle(new PixdockError('image_corrupt'), context)).toEqual({ outcome: 'again', afterMs: 0 });
  expect((await read())?.status).toBe('queued');
});

it.each([
  ['that says so', () => new LostImage()],
  ['of another kind', () => storageFault('transient')],
])('abandons an image that it has lost, on an error %s', async (_, error) => {
  const { parts, record, handle, read } = await failedAttempt();
  await startTestAttempt(parts, record.id, 'uploading');
  expect(await handle(error())).toEqual({ outcome: 'done' });
  expect((await read())?.status).toBe('processing');
});

it('abandons an image whose deletion is requested while it fails', async () => {
  const { parts, record, handle, read } = await failedAttempt();
  const { images, records } = parts;
  const get = images.get.bind(images);
  images.get = async (id) => {
    const found = await get(id);
    images.get = get;
    await records.transition(id, requestDelete);
    return found;
  };
  expect(await handle(new TypeError('a bug'), { ...CONTEXT, lastTry: true })).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ id: record.id, status: 'processing' });
});
