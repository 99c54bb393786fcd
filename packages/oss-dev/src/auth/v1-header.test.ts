import { expect, test } from 'vitest';
import { signV1, stringToSignV1 } from './v1-header.js';

const headers = {
  'content-type': 'image/webp',
  'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==',
  'x-oss-date': 'Fri, 02 Jan 2026 03:04:05 GMT',
};

test('signs a PUT (vector 5)', () => {
  const text = stringToSignV1({
    method: 'PUT',
    bucket: 'lab-bucket',
    key: 'img/a.webp',
    query: new Map(),
    headers,
  });
  expect(signV1('devsecret', text)).toBe('Rgq0ZreY7EsNNO7GUix73Q7HDos=');
});

test('signs the subresource and no other parameter', () => {
  const query = new Map([
    ['prefix', 'x'],
    ['delete', ''],
  ]);
  const text = stringToSignV1({ method: 'POST', bucket: 'lab-bucket', key: undefined, query, headers: {} });
  expect(text.split('\n').at(-1)).toBe('/lab-bucket/?delete');
});
