import { expect, it } from 'vitest';
import { parseFormOptions, parseOptions } from './options.js';

const NONE = {
  profile: 'default',
  externalId: null,
  metadata: {},
  sha256: null,
  deleteAfterSeconds: null,
  replace: false,
  webhookUrl: null,
};
const formOf = (fields: Record<string, string>) => parseFormOptions(new Map(Object.entries(fields)));

it('takes empty form fields as absent', () => {
  const empty = {
    profile: '',
    externalId: '',
    metadata: '',
    sha256: '',
    webhookUrl: '',
    url: '',
    'metadata.a': '',
  };
  expect(formOf(empty)).toEqual(NONE);
});

it('adds the fields metadata.KEY to the field metadata', () => {
  expect(formOf({ 'metadata.名': '值', metadata: '{"a":"1"}', 'metadata.b.c': '2' })).toEqual({
    ...NONE,
    metadata: { a: '1', 名: '值', 'b.c': '2' },
  });
});

it('adds the query parameters metadata.KEY to the parameter metadata', () => {
  const query = new Map([
    ['metadata.名', '值'],
    ['metadata', '{"a":"1"}'],
    ['metadata.empty', ''],
  ]);
  expect(parseOptions(query)).toEqual({ ...NONE, metadata: { a: '1', 名: '值', empty: '' } });
});

it('ignores fields that are not options', () => {
  expect(formOf({ colour: 'red', name: 'a.jpg', __proto__: 'x', constructor: 'y' })).toEqual(NONE);
});

it.each([
  [{ metadata: '{"a":"1"}', 'metadata.a': '2' }, /`metadata.a` is given twice/],
  [{ metadata: '[]', 'metadata.a': '2' }, /`metadata` is not an object/],
  [{ 'metadata.__proto__': 'x' }, /has a key named __proto__/],
  [{ 'metadata.a': 'x'.repeat(5000) }, /`metadata` is larger than 4 KiB/],
  [{ metadata: 'a=1' }, /`metadata` is not JSON/],
  [{ url: 'https://a.example/' }, /Send `url` as JSON/],
  [{ webhookUrl: 'a.example/hook' }, /`webhookUrl` is not an absolute URL/],
  [{ webhookUrl: 'ftp://a.example/' }, /`webhookUrl` is not an http/],
])('refuses the form fields %j', (fields, message) => {
  expect(() => formOf(fields as Record<string, string>)).toThrow(message);
});

it.each([
  ['colour', /`colour` is not a known field\. Known are profile, externalId, /],
  ['external_id', /`external_id` is not a known field\. Write it as `externalId`\.$/],
  ['metadata[a]', /`metadata\[a\]` is not a known field\. Write it as `metadata.a`\.$/],
])('refuses the unknown query parameter %s', (name, message) => {
  expect(() => parseOptions(new Map([[name, 'x']]))).toThrow(message);
});

it('refuses an empty option of a query', () => {
  expect(() => parseOptions(new Map([['externalId', '']]))).toThrow(/`externalId` is empty/);
});
