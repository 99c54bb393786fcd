import { createHash } from 'node:crypto';
import { fetchPublicUrl } from '../doctor/fetch-public-url.js';
import type { Bench } from './bench.js';
import { afterPut, faultOf, foundOrNot, isSameMetadata, namesIn, sameOrOther } from './observations.js';

/** One thing that Pixdock relies on. */
export interface Check {
  name: string;
  /** The behavior of the local OSS; a test compares them. */
  expected: string;
  /** Tries it and returns the behavior of this bucket; a StorageFault becomes its kind, status, code and EC. */
  observe: (bench: Bench) => Promise<string>;
}

/** In this order they tell a bucket's story: store, read, refuse, list, delete. */
export const CHECKS: readonly Check[] = [
  {
    name: 'a put returns the MD5 as its ETag',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) => afterPut(store, object('plain.jpg')),
  },
  {
    name: 'an empty object can be stored',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) => afterPut(store, object('empty.jpg', { body: Buffer.alloc(0) })),
  },
  {
    name: 'an object of 8 MiB can be stored',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) =>
      afterPut(store, object('large.jpg', { body: Buffer.alloc(8 * MIB, 7) })),
  },
  {
    name: 'a HEAD returns type, size, ETag and metadata as sent',
    expected: 'same type, same size, same ETag, same metadata',
    observe: async ({ store, object }) => {
      const sent = object('head.png', { contentType: 'image/png', metadata: METADATA });
      await store.put(sent);
      const found = await store.head(sent.key);
      if (found === null) return 'not found';
      return [
        sameOrOther('type', found.contentType === sent.contentType),
        sameOrOther('size', found.bytes === sent.body.length),
        sameOrOther('ETag', found.etag === sent.md5),
        sameOrOther('metadata', isSameMetadata(found.metadata, METADATA)),
      ].join(', ');
    },
  },
  {
    name: 'the same bytes under a used key are refused',
    expected: 'exists',
    observe: async ({ store, object }) => {
      const first = object('again.jpg');
      await store.put(first);
      return (await store.put(first)).outcome;
    },
  },
  {
    name: 'other bytes under a used key are refused and change nothing',
    expected: 'exists, first bytes kept',
    observe: async ({ store, object }) => {
      const first = object('kept.jpg');
      await store.put(first);
      const { outcome } = await store.put(object('kept.jpg'));
      const found = await store.head(first.key);
      return `${outcome}, ${found?.etag === first.md5 ? 'first bytes kept' : 'first bytes lost'}`;
    },
  },
  {
    name: 'of 16 puts of one key at once, one is stored',
    expected: '1 stored, 15 exist',
    observe: async ({ store, object }) => {
      const puts = Array.from({ length: 16 }, () => store.put(object('race.jpg')));
      const outcomes = (await Promise.all(puts)).map(({ outcome }) => outcome);
      const stored = outcomes.filter((outcome) => outcome === 'stored').length;
      return `${stored} stored, ${outcomes.length - stored} exist`;
    },
  },
  {
    name: 'a wrong Content-MD5 is refused and nothing is stored',
    expected: 'rejected, status 400, InvalidDigest, EC 0017-00000503; then not found',
    observe: async ({ store, object }) => {
      const damaged = object('damaged.jpg', { md5: createHash('md5').update('other').digest('hex') });
      const refusal = await faultOf(() => store.put(damaged));
      return `${refusal}; then ${(await store.head(damaged.key)) === null ? 'not found' : 'found'}`;
    },
  },
  {
    name: 'a HEAD of an absent object finds nothing',
    expected: 'not found',
    observe: async ({ store, object }) => foundOrNot(await store.head(object('absent.jpg').key)),
  },
  {
    name: 'a public read returns type and Cache-Control as sent, without a forced download',
    expected: 'status 200, same type, same Cache-Control, displayed',
    observe: async ({ store, object }) => {
      const sent = object('public.jpg');
      await store.put(sent);
      const { status, headers } = await fetchPublicUrl(store.publicUrl(sent.key));
      const isForced = /^attachment/i.test(headers['content-disposition'] ?? '');
      return [
        `status ${status}`,
        sameOrOther('type', headers['content-type'] === sent.contentType),
        sameOrOther('Cache-Control', headers['cache-control'] === sent.cacheControl),
        isForced ? 'downloaded' : 'displayed',
      ].join(', ');
    },
  },
  {
    name: 'a listing is in the order of keys and can begin after a key',
    expected: '1 2 3, then 2 3',
    observe: async ({ store, object }) => {
      for (const name of ['list/3', 'list/1', 'list/2']) await store.put(object(name));
      const prefix = object('list/1').key.slice(0, -1);
      const all = await namesIn(store, prefix, null);
      return `${all}, then ${await namesIn(store, prefix, `${prefix}1`)}`;
    },
  },
  {
    name: 'a deleted object is gone, and its key can be used again',
    expected: 'not found, then stored',
    observe: async ({ store, object }) => {
      const sent = object('deleted.jpg');
      await store.put(sent);
      await store.remove(sent.key);
      const gone = foundOrNot(await store.head(sent.key));
      return `${gone}, then ${(await store.put(object('deleted.jpg'))).outcome}`;
    },
  },
  {
    name: 'the deletion of an absent object succeeds',
    expected: 'no fault',
    observe: async ({ store, object }) => {
      await store.remove(object('never.jpg').key);
      return 'no fault';
    },
  },
  {
    name: 'another region in the signature is refused',
    expected: 'configuration, status 400, InvalidArgument, EC 0002-00000226',
    observe: ({ settings, withStore, object }) =>
      withStore({ ...settings, region: otherRegion(settings.region) }, (store) =>
        faultOf(() => store.put(object('region.jpg'))),
      ),
  },
  {
    name: 'an unknown access key is refused',
    expected: 'configuration, status 403, InvalidAccessKeyId, EC 0002-00000902',
    observe: ({ settings, withStore, object }) =>
      withStore({ ...settings, credentials: UNKNOWN_KEY }, (store) =>
        faultOf(() => store.put(object('key.jpg'))),
      ),
  },
];

const MIB = 1024 ** 2;
const METADATA = { 'pixdock-owner': 'acme: a "b"', 'pixdock-row': '7' };
const UNKNOWN_KEY = {
  from: 'static',
  accessKeyId: 'LTAI0000000000000000',
  accessKeySecret: 'unknown',
  securityToken: null,
} as const;

function otherRegion(region: string): string {
  return region === 'cn-beijing' ? 'cn-hangzhou' : 'cn-beijing';
}
