import { openStoreOnOss } from '@pixdock/object-store/testing/store-on-oss';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { renderedVariants } from '../testing/rendered.js';
import { planVariants, putVariants } from './publish.js';

const NEVER = new AbortController().signal;

/** An image with three variants, and a store on a local OSS that records when each put begins and ends. */
async function openPublication(beforePut: (variant: string) => Promise<void> = async () => {}) {
  const { store } = await openStoreOnOss();
  const record = testRecord();
  const { rendered, bodies } = renderedVariants(['main', 'small', 'thumb']);
  const events: string[] = [];
  const put = async (object: NewObject, signal?: AbortSignal) => {
    const [variant = ''] = object.key.split('/').at(-1)?.split('.') ?? [];
    events.push(`${variant} begins`);
    await beforePut(variant);
    return store.put(object, signal).finally(() => events.push(`${variant} ends`));
  };
  const watched: ObjectStore = { ...store, put };
  const isCurrent = async () => true;
  const planned = planVariants(store, '', record.id, rendered);
  return {
    store,
    events,
    planned,
    publish: () =>
      putVariants(watched, { record, isCurrent }, { rendered, bodies, planned }, testMetadataKeys(), NEVER),
  };
}

it('puts main only once every other variant is stored', async () => {
  const { store, events, planned, publish } = await openPublication();
  await publish();
  expect(events.slice(0, -2).toSorted()).toEqual([
    'small begins',
    'small ends',
    'thumb begins',
    'thumb ends',
  ]);
  expect(events.slice(-2)).toEqual(['main begins', 'main ends']);
  const main = await store.head(planned.main?.key ?? '');
  expect(main?.metadata).toHaveProperty('pixdock-sealed');
});

it('fails only after every put has ended, and without putting main', async () => {
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const { events, store, planned, publish } = await openPublication(async (variant) => {
    if (variant === 'small') {
      fail();
      throw new Error('OSS refuses it');
    }
    // Longer than the failure needs to reach `publish`.
    await failed;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
  await expect(publish()).rejects.toThrow('OSS refuses it');
  expect(events.filter((event) => event.startsWith('thumb'))).toEqual(['thumb begins', 'thumb ends']);
  expect(await store.head(planned.main?.key ?? '')).toBe(null);
});
