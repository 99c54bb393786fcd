import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { expect, test } from 'vitest';
import { LostImage, putVerified } from './put.js';

const object = sampleObject();
const other = sampleObject({ body: Buffer.from('of another attempt') });

async function openStore() {
  const { store } = await openStoreOnOss();
  const removed: string[] = [];
  const watched: ObjectStore = {
    ...store,
    remove: (key, signal) => {
      removed.push(key);
      return store.remove(key, signal);
    },
  };
  const put = (what: NewObject, isHeld = true) =>
    putVerified(watched, what, () => Promise.resolve(isHeld), AbortSignal.timeout(10_000));
  return { store, removed, put };
}

test('its own bytes under a taken key are left as they are', async () => {
  const { store, removed, put } = await openStore();
  await store.put(object);
  await put(object);
  expect(removed).toEqual([]);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

test('other bytes under a taken key are replaced while the image is held', async () => {
  const { store, removed, put } = await openStore();
  await store.put(other);
  await put(object);
  expect(removed).toEqual([object.key]);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

test('who has lost the image leaves what another attempt has put there', async () => {
  const { store, removed, put } = await openStore();
  await store.put(other);
  await expect(put(object, false)).rejects.toThrow(LostImage);
  expect(removed).toEqual([]);
  expect(await store.head(object.key)).toMatchObject({ etag: other.md5 });
});
