import { expect, test } from 'vitest';
import { compareUtf8 } from '../store/utf8-order.js';
import { listPage } from './list-page.js';

const keys = ['a', 'a/', 'a/1', 'a/2', 'a/b/1', 'b', 'c/1', 'd'];
const all = { prefix: '', delimiter: '', after: '', maxKeys: 100 };

test.each([
  ['all keys', {}, keys, []],
  ['the keys of a prefix', { prefix: 'a/' }, ['a/', 'a/1', 'a/2', 'a/b/1'], []],
  ['the keys of a prefix without keys', { prefix: 'bb' }, [], []],
  ['common prefixes', { delimiter: '/' }, ['a', 'b', 'd'], ['a/', 'c/']],
  ['common prefixes below a prefix', { prefix: 'a/', delimiter: '/' }, ['a/', 'a/1', 'a/2'], ['a/b/']],
  ['the keys after a key', { after: 'b' }, ['c/1', 'd'], []],
  ['the keys after a missing key', { after: 'a/1x' }, ['a/2', 'a/b/1', 'b', 'c/1', 'd'], []],
  ['the keys after a common prefix', { after: 'a/', delimiter: '/' }, ['b', 'd'], ['c/']],
  ['the keys after a key inside a common prefix', { after: 'a/1', delimiter: '/' }, ['b', 'd'], ['a/', 'c/']],
  ['nothing after the end', { after: 'z' }, [], []],
])('lists %s', (_name, query, expectedKeys, commonPrefixes) => {
  const page = listPage(keys, { ...all, ...query });
  expect(page).toMatchObject({ keys: expectedKeys, commonPrefixes, isTruncated: false });
});

test.each([1, 2, 3, 4, 7, 8, 9])(
  'splits the listing into pages of %d without gaps, with and without a delimiter',
  (maxKeys) => {
    for (const delimiter of ['', '/']) {
      const listed: string[] = [];
      let after = '';
      for (;;) {
        const page = listPage(keys, { ...all, delimiter, after, maxKeys });
        const items = [...page.keys, ...page.commonPrefixes];
        expect(items.length).toBeLessThanOrEqual(maxKeys);
        listed.push(...items);
        if (!page.isTruncated) break;
        expect(items).toHaveLength(maxKeys);
        after = page.last;
      }
      expect(listed.toSorted()).toEqual(delimiter ? ['a', 'a/', 'b', 'c/', 'd'] : keys);
    }
  },
);

test('does not mark the last page as truncated', () => {
  expect(listPage(keys, { ...all, maxKeys: keys.length }).isTruncated).toBe(false);
  expect(listPage(keys, { ...all, maxKeys: keys.length - 1 }).isTruncated).toBe(true);
});

test('orders keys by their UTF-8 bytes', () => {
  const texts = ['', 'a', 'aa', 'é', '測', '\uffff', '😀', '\u{10ffff}', 'Z', '😀a', '\ue000'];
  const bytes = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(texts.toSorted(compareUtf8)).toEqual(bytes);
  expect(texts.toSorted()).not.toEqual(bytes);
});
