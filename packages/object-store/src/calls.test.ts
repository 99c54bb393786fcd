import { expect, it } from 'vitest';
import { resultCode } from './result-code.js';
import { openStoreOnOss, sampleObject } from './testing/store-on-oss.js';

it('reports each request to OSS, retries included, with its result', async () => {
  const { store, fault, calls } = await openStoreOnOss();
  await fault({ operation: 'PutObject', count: 1, action: { type: 'error', status: 500, code: 'Strange' } });
  const object = sampleObject();
  await store.put(object);
  await store.put(object);
  await store.head('a/none.jpg');
  expect(calls.map(({ operation, code }) => [operation, code])).toEqual([
    ['put', 'transient'],
    ['put', 'OK'],
    ['put', 'FileAlreadyExists'],
    ['head', 'NoSuchKey'],
  ]);
  expect(calls.every(({ seconds }) => seconds > 0 && seconds < 60)).toBe(true);
});

it('names no code that a server may invent', () => {
  expect(resultCode({ code: 'AccessDenied', kind: 'configuration' })).toBe('AccessDenied');
  expect(resultCode({ code: 'Img5f5f5f', kind: 'rejected' })).toBe('rejected');
});
