import { hash, randomBytes } from 'node:crypto';
import type { Check } from '../check.js';
import {
  afterPut,
  answerOf,
  faultOf,
  foundOrNot,
  isSameMetadata,
  sameOrOther,
  tally,
} from '../observations.js';

const MIB = 1024 ** 2;
const RACING = 20;
const TIMED = 20;

/** Storing, refusing to overwrite, metadata and deleting. */
export const OBJECT_CHECKS: readonly Check[] = [
  {
    topic: 'storing',
    name: 'a put returns the MD5 as its ETag',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) => afterPut(store, object('plain.jpg')),
  },
  {
    topic: 'storing',
    name: 'an empty object can be stored',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) => afterPut(store, object('empty.jpg', { body: Buffer.alloc(0) })),
  },
  {
    topic: 'storing',
    name: 'an object of 8 MiB can be stored',
    expected: 'stored, ETag is the MD5',
    observe: async ({ store, object }) =>
      afterPut(store, object('large.jpg', { body: Buffer.alloc(8 * MIB, 7) })),
  },
  {
    topic: 'storing',
    name: 'a wrong Content-MD5 is refused and nothing is stored',
    expected: 'rejected, status 400, InvalidDigest, EC 0017-00000503; then not found',
    observe: async ({ store, object }) => {
      const damaged = object('damaged.jpg', { md5: hash('md5', 'other') });
      const refusal = await faultOf(() => store.put(damaged));
      return `${refusal}; then ${(await store.head(damaged.key)) === null ? 'not found' : 'found'}`;
    },
  },
  {
    topic: 'storing',
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
    topic: 'storing',
    name: `${TIMED} objects of 100 KiB are stored and found one after the other`,
    expected: `${TIMED} stored, ${TIMED} found`,
    observe: async ({ store, object, timings }) => {
      const outcomes: string[] = [];
      for (let index = 0; index < TIMED; index += 1) {
        const sent = object(`timed/${index}.jpg`, { body: randomBytes(100 * 1024) });
        outcomes.push((await timed(timings.put, () => store.put(sent))).outcome);
        outcomes.push(foundOrNot(await timed(timings.head, () => store.head(sent.key))));
      }
      return tally(outcomes);
    },
  },
  {
    topic: 'overwriting',
    name: 'the same bytes under a used key are refused',
    expected: 'exists',
    observe: async ({ store, object }) => {
      const first = object('again.jpg');
      await store.put(first);
      return (await store.put(first)).outcome;
    },
  },
  {
    topic: 'overwriting',
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
    topic: 'overwriting',
    name: `of ${RACING} puts of one key at once, one is stored`,
    expected: `1 stored, ${RACING - 1} exists`,
    observe: async ({ store, object }) => {
      const puts = Array.from({ length: RACING }, () => store.put(object('race.jpg')));
      return tally((await Promise.all(puts)).map(({ outcome }) => outcome));
    },
  },
  {
    topic: 'overwriting',
    name: 'the refusal to overwrite has its own code',
    expected: 'status 409, FileAlreadyExists, EC 0026-00000002',
    observe: async ({ store, object, probe }) => {
      const { key, body } = object('refused.jpg');
      await store.put(object('refused.jpg'));
      const headers = { 'x-oss-forbid-overwrite': 'true', 'Content-Type': 'image/jpeg' };
      return answerOf(await probe.send({ method: 'PUT', key, body, headers }));
    },
  },
  {
    topic: 'metadata',
    name: '7 KiB of metadata are stored and returned',
    expected: 'stored, same metadata',
    observe: async ({ store, object }) => {
      const metadata = { 'pixdock-sealed': 'm'.repeat(7 * 1024) };
      const sent = object('metadata.jpg', { metadata });
      const { outcome } = await store.put(sent);
      const found = await store.head(sent.key);
      return `${outcome}, ${sameOrOther('metadata', isSameMetadata(found?.metadata ?? {}, metadata))}`;
    },
  },
  {
    topic: 'metadata',
    // A code is not documented.
    name: 'more than 8 KiB of metadata are refused',
    expected: 'status 400, EC 0011-00000002',
    observe: async ({ object, probe }) => {
      const { key, body } = object('too-much-metadata.jpg');
      const headers = { 'x-oss-meta-pixdock-sealed': 'm'.repeat(8 * 1024) };
      return answerOf({ ...(await probe.send({ method: 'PUT', key, body, headers })), code: null });
    },
  },
  {
    topic: 'deleting',
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
    topic: 'deleting',
    name: 'the deletion of an absent object succeeds',
    expected: 'no fault',
    observe: async ({ store, object }) => {
      await store.remove(object('never.jpg').key);
      return 'no fault';
    },
  },
];

const METADATA = { 'pixdock-owner': 'acme: a "b"', 'pixdock-row': '7' };

async function timed<T>(into: number[], call: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await call();
  into.push(performance.now() - startedAt);
  return result;
}
