import { expect, it, onTestFinished, vi } from 'vitest';
import { resultCode } from './fix-for.js';
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

it('loads ali-oss again after a failure', async () => {
  const { store } = await openStoreOnOss();
  vi.doMock('ali-oss', () => {
    throw new Error('EMFILE');
  });
  onTestFinished(() => vi.doUnmock('ali-oss'));
  await expect(import('ali-oss')).rejects.toThrow();
  expect(await store.put(sampleObject())).toMatchObject({ outcome: 'stored' });
});
