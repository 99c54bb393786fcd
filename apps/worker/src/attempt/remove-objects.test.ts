import { builtInProfiles, profileSchema } from '@pixdock/contract/profile';
import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { keysOf, removeObjects } from './remove-objects.js';

const CONFIG = { profiles: builtInProfiles(), store: { prefix: 'shop/', prefixes: ['shop/'] } };

/** A record that Redis lost while the image was in progress. */
const lost = (record: ImageRecord) => ({ ...record, internal: { ...record.internal, keysLost: true } });

it('lists every key that the profile permits when Redis lost the keys', () => {
  const record = testRecord({ id: `img_${'5f'.repeat(16)}` });
  expect(keysOf(record, CONFIG)).toEqual([]);
  const keys = keysOf(lost(record), CONFIG);
  const folder = `shop/5f/${'5f'.repeat(16)}`;
  expect(keys[0]).toBe(`${folder}/main.jpg`);
  expect(keys).toEqual(expect.arrayContaining([`${folder}/main.webp`, `${folder}/thumb.webp`]));
  expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  expect(keysOf(changedRecord(record, { status: 'published' }), CONFIG)).toEqual([]);
  expect(keysOf(lost({ ...record, profile: 'gone' }), CONFIG)).toContain(`${folder}/main.png`);
});

it('lists the keys below the prefix of the profile, in each bucket that there is', () => {
  const record = lost(testRecord({ id: `img_${'5f'.repeat(16)}`, profile: 'face' }));
  const profiles = new Map([['face', profileSchema.parse({ variants: { main: {} }, prefix: 'faces' })]]);
  const prefixes = ['shop/', 'shop/faces/', 'private/shop/', 'private/shop/faces/'];
  const foldersIn = (known: readonly string[]) => {
    const keys = keysOf(record, { profiles, store: { prefix: 'shop/', prefixes: known } });
    return [...new Set(keys.map((key) => key.replace(/5f\/.*/, '')))];
  };
  expect(foldersIn(prefixes)).toEqual(['shop/faces/', 'private/shop/faces/']);
  expect(foldersIn(prefixes.slice(0, 2))).toEqual(['shop/faces/']);
});

it('returns the keys of objects that could not be removed, and removes all others', async () => {
  const { store, fault } = await openStoreOnOss();
  const objects = ['a/main.jpg', 'a/small.jpg', 'a/thumb.jpg'].map((key) => sampleObject({ key }));
  for (const object of objects) await store.put(object);
  const action = { type: 'error', status: 403, code: 'AccessDenied' };
  await fault({ operation: 'DeleteObject', key: 'small', action });
  const keys = objects.map(({ key }) => key);
  expect(await removeObjects(store, keys, AbortSignal.timeout(10_000))).toEqual(['a/small.jpg']);
  const left = await Promise.all(keys.map((key) => store.head(key)));
  expect(left.map((object) => object !== null)).toEqual([false, true, false]);
});
