import type { ProbeResponse } from '@pixdock/object-store/probe';
import { text } from '../../messages/conformance.js';
import { CannotCheck, type Check } from '../check.js';
import { answerOf, namesIn } from '../observations.js';

export const LISTING_CHECKS: readonly Check[] = [
  {
    topic: 'listing',
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
    topic: 'listing',
    name: 'an object is listed right after its put, and no longer right after its deletion',
    expected: 'listed, then not listed',
    observe: async ({ store, object }) => {
      const sent = object('fresh/1');
      const prefix = sent.key.slice(0, -1);
      await store.put(sent);
      const first = (await namesIn(store, prefix, null)) === '1' ? 'listed' : 'not listed';
      await store.remove(sent.key);
      return `${first}, then ${(await namesIn(store, prefix, null)) === '' ? 'not listed' : 'listed'}`;
    },
  },
  {
    topic: 'listing',
    name: 'a page that is not the last one says so, and its last key begins the next page',
    expected: '2 keys, more to come; then 1 key, complete',
    observe: async ({ store, object, probe, scratch }) => {
      for (const name of ['pages/1', 'pages/2', 'pages/3']) await store.put(object(name));
      const query = { 'list-type': '2', 'max-keys': '2', prefix: `${scratch}pages/` };
      const page = (more: object) => probe.send({ method: 'GET', query: { ...query, ...more } });
      const first = await page({});
      return `${pageIn(first)}; then ${pageIn(await page({ 'start-after': `${scratch}pages/2` }))}`;
    },
  },
  {
    topic: 'listing',
    name: 'a listing encodes keys that XML cannot contain',
    expected: 'same key',
    observe: async ({ probe, object, store, scratch }) => {
      const { key } = object('encoded/é 1+2&3%.jpg');
      await probe.send({ method: 'PUT', key, body: Buffer.from('x') });
      return (await namesIn(store, `${scratch}encoded/`, null)) === 'é 1+2&3%.jpg' ? 'same key' : 'other key';
    },
  },
];

function pageIn(response: ProbeResponse): string {
  if (response.code === 'AccessDenied')
    throw new CannotCheck(text('no-right', { action: 'oss:ListObjects' }));
  if (response.status !== 200) return answerOf(response);
  const count = response.body.split('<Contents>').length - 1;
  const isTruncated = response.body.includes('<IsTruncated>true</IsTruncated>');
  return `${count} ${count === 1 ? 'key' : 'keys'}, ${isTruncated ? 'more to come' : 'complete'}`;
}
