import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { expect, it } from 'vitest';
import { putVerified } from './put-object.js';
import { LostImage } from './start-attempt.js';

const object = sampleObject();
// As long as the object, so that only its checksum differs.
const other = sampleObject({ body: Buffer.from(object.body).fill('x') });

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
  const put = (what: NewObject, isCurrent = true) =>
    putVerified(watched, what, { isCurrent: async () => isCurrent }, AbortSignal.timeout(10_000));
  return { store, removed, put };
}

it('does not replace an existing object with the same bytes', async () => {
  const { store, removed, put } = await openStore();
  await store.put(object);
  await put(object);
  expect(removed).toEqual([]);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

it('replaces an existing object with other bytes while the attempt is current', async () => {
  const { store, removed, put } = await openStore();
  await store.put(other);
  await put(object);
  expect(removed).toEqual([object.key]);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

it('leaves the object of another attempt once the image is lost', async () => {
  const { store, removed, put } = await openStore();
  await store.put(other);
  await expect(put(object, false)).rejects.toThrow(LostImage);
  expect(removed).toEqual([]);
  expect(await store.head(object.key)).toMatchObject({ etag: other.md5 });
});
