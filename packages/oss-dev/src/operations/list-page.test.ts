import { expect, test } from 'vitest';
import { compareUtf8 } from '../store/utf8-order.js';
import { listPage } from './list-page.js';

const keys = ['a', 'a/', 'a/1', 'a/2', 'a/b/1', 'b', 'c/1', 'd'];
const all = { prefix: '', delimiter: '', after: '', maxKeys: 100 };

test.each([
  ['everything', {}, keys, []],
  ['a prefix', { prefix: 'a/' }, ['a/', 'a/1', 'a/2', 'a/b/1'], []],
  ['a prefix that is no key', { prefix: 'bb' }, [], []],
  ['a delimiter', { delimiter: '/' }, ['a', 'b', 'd'], ['a/', 'c/']],
  ['a delimiter below a prefix', { prefix: 'a/', delimiter: '/' }, ['a/', 'a/1', 'a/2'], ['a/b/']],
  ['after a key', { after: 'b' }, ['c/1', 'd'], []],
  ['after what is no key', { after: 'a/1x' }, ['a/2', 'a/b/1', 'b', 'c/1', 'd'], []],
  ['after a common prefix', { after: 'a/', delimiter: '/' }, ['b', 'd'], ['c/']],
  ['after a key inside a common prefix', { after: 'a/1', delimiter: '/' }, ['b', 'd'], ['a/', 'c/']],
  ['after the end', { after: 'z' }, [], []],
])('%s', (_name, query, expectedKeys, commonPrefixes) => {
  const page = listPage(keys, { ...all, ...query });
  expect(page).toMatchObject({ keys: expectedKeys, commonPrefixes, isTruncated: false });
});

test.each([1, 2, 3, 4, 7, 8, 9])('pages of %d join to the whole, with a delimiter or not', (maxKeys) => {
  for (const delimiter of ['', '/']) {
    const seen: string[] = [];
    let after = '';
    for (;;) {
      const page = listPage(keys, { ...all, delimiter, after, maxKeys });
      const items = [...page.keys, ...page.commonPrefixes];
      expect(items.length).toBeLessThanOrEqual(maxKeys);
      seen.push(...items);
      if (!page.isTruncated) break;
      expect(items).toHaveLength(maxKeys);
      after = page.last;
    }
    expect(seen.toSorted()).toEqual(delimiter ? ['a', 'a/', 'b', 'c/', 'd'] : keys);
  }
});

test('a page that ends with the last key is not truncated', () => {
  expect(listPage(keys, { ...all, maxKeys: keys.length }).isTruncated).toBe(false);
  expect(listPage(keys, { ...all, maxKeys: keys.length - 1 }).isTruncated).toBe(true);
});

test('order is that of the UTF-8 bytes', () => {
  const texts = ['', 'a', 'aa', 'é', '測', '\uffff', '😀', '\u{10ffff}', 'Z', '😀a', '\ue000'];
  const bytes = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(texts.toSorted(compareUtf8)).toEqual(bytes);
  expect(texts.toSorted()).not.toEqual(bytes);
});
