import { BLOCK_BYTES } from '@pixdock/shared/state/files/disk-bytes';
import { expect, test } from 'vitest';
import { receiveBody, refusalOf, say } from './testing/receive.js';
import { turnsDuring } from './testing/turns.js';

const TYPE = 'application/json; charset=utf-8';
const items = (...list: unknown[]) => JSON.stringify({ items: list });

test.each([1, 3, 65_536])('accepts items in chunks of %i bytes', async (size) => {
  const body = `\ufeff {"it\\u0065ms" : [\n ${JSON.stringify({ url: 'http://a.example/图😀.jpg', metadata: { a: '"]}', b: '\\' } })} , {"url":"http://b.example/","externalId":"\\u56fe"}\t]\n}\r\n `;
  const received = await receiveBody({ type: TYPE, body, size });
  expect(received).toMatchObject({ columns: ['source'], total: 2, invalid: 0 });
  expect(received.items).toMatchObject([
    { row: 1, cells: ['http://a.example/图😀.jpg'], metadata: { a: '"]}', b: '\\' } },
    { row: 2, externalId: '图', profile: 'default' },
  ]);
});

test.each([
  ['{"items":[{"url":"http://a.example/","metadata":{"reuse":"a"}}]}', '', []],
  ['{"reuse":"url","items":[{"url":"http://a.example/"}]}', '', ['url']],
  ['{"items":[{"url":"http://a.example/"}],"reuse":"content"}', '', ['content']],
  ['{"items":[{"url":"http://a.example/"}],"reuse":null}', '?reuse=content,%20url', ['url', 'content']],
])('reads reuse from %s%s', async (body, query, reuse) => {
  for (const size of [1, 65_536])
    expect(await receiveBody({ type: TYPE, query, body, size })).toMatchObject({
      total: 1,
      invalid: 0,
      reuse,
    });
});

test('turns an invalid item into a failed one', async () => {
  const long = { url: 'http://a.example/', metadata: { a: 'x'.repeat(65_536) } };
  const body = items('http://a.example/', null, 7, [], { url: 'x' }, long, { url: 'http://a.example/' });
  for (const size of [1000, 65_536]) {
    const received = await receiveBody({ type: TYPE, body, size });
    expect(received.faults.map((fault) => say(fault))).toEqual([
      'Row 1 is not an object.',
      'Row 2 is not an object.',
      'Row 3 is not an object.',
      'Row 4 is not an object.',
      'Row 5: `url` is not an absolute URL.',
      'Row 6 is longer than 64 KiB.',
    ]);
    expect(received.items[5]?.cells).toEqual(['']);
    expect(received.items.at(-1)).toMatchObject({ row: 7, fault: null });
  }
});

test('accepts an item of exactly the longest length', async () => {
  const item = { url: 'http://a.example/', zz: '' };
  const pad = 65_536 - JSON.stringify(item).length;
  const of = async (length: number) =>
    say((await receiveBody({ type: TYPE, body: items({ ...item, zz: 'x'.repeat(length) }) })).faults[0]);
  expect(await of(pad)).toBe('Row 1: `zz` is not a known field.');
  expect(await of(pad + 1)).toBe('Row 1 is longer than 64 KiB.');
});

test.each([
  ['', /not a JSON object/],
  ['[{"url":"http://a.example/"}]', /not a JSON object/],
  ['"items"', /not a JSON object/],
  ['{}', /no list "items"/],
  ['{"items":{}}', /no list "items"/],
  ['{"items":"x"}', /no list "items"/],
  ['{"items":[]}', /no items/],
  ['{"profile":"avatar","items":[]}', /Unknown member "profile".*\?profile=NAME/],
  ['{"__proto__":[]}', /Unknown member "__proto__"/],
  ['{"items":[{}],"webhookUrl":"x"}', /Unknown member "webhookUrl"/],
  ['{"items":[{}],"items":[{}]}', /"items" is given twice/],
  ['{"reuse":"url","items":[{}],"reuse":"url"}', /"reuse" is given twice/],
  ['{"reuse":["url"],"items":[{}]}', /`reuse` is neither url, content nor url,content/],
  ['{"items":[{}],"reuse":{"url":true}}', /`reuse` is neither/],
  ['{"items":[{}],"reuse":true}', /`reuse` is neither/],
  ['{"reuse":"url"}', /no list "items"/],
  ['{"items":[{}]}{}', /not valid JSON, or is incomplete, at or after item 2 \(near byte 14\)/],
  ['{"items":[{}]} x', /not valid JSON/],
  ['{"items":[{},{}', /incomplete, at or after item 3/],
  ['{"items":[{},]}', /at or after item 2/],
  ['{"items":[{} {}]}', /at or after item 2/],
  ['{"items":[{"url":NaN}]}', /at or after item 1/],
  ["{'items':[]}", /not valid JSON/],
  ['{"items":[{"url":"a\u0000b"}]}', /not valid JSON/],
  ['{"items":[{"url":"http://a.example/', /incomplete, at or after item 1/],
  [Buffer.from('{"items":[{"url":"\xff\xfe"}]}', 'latin1'), /not valid JSON/],
  [`{"items":[${'['.repeat(100_000)}`, /Item 1 is nested more than 32 levels deep/],
  [`{"items":[{"url":"${'x'.repeat(1_200_000)}`, /Item 1 is longer than 1 MiB/],
  [`{"${'x'.repeat(1_200_000)}`, /longer than 1 MiB/],
])('refuses %.50s', async (body, reason) => {
  for (const size of [body.length > 1000 ? 4096 : 1, 65_536]) {
    const refusal = await refusalOf({ type: TYPE, body, size });
    expect(refusal).toMatch(/^invalid_request: /);
    expect(refusal).toMatch(reason);
  }
});

test('refuses an item over the limit before it reads the rest', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"items":[{}');
    for (; sent < 1000; sent++) yield Buffer.from(`,{}${' '.repeat(20_000)}`);
  }
  const limits = { maxBatchItems: 20 };
  expect(await refusalOf({ type: TYPE, body: endless(), limits })).toMatch(/^too_many_items/);
  expect(sent).toBeLessThan(100);
});

test.each([
  ['numbers', '0,', 20_000],
  ['long lists', `[${'0,'.repeat(30_000)}0],`, 30],
])('keeps the event loop turning while it reads %s', async (_, item, count) => {
  const body = `{"items":[${item.repeat(count)}0]}`;
  const limits = { maxBatchItems: 100_000 };
  const turns = await turnsDuring(async () => {
    await receiveBody({ type: TYPE, body, limits, size: body.length, onItem: () => {} });
  });
  expect(turns.longestMs).toBeLessThan(100);
  expect(turns.count).toBeGreaterThan(5);
});

test('stores the shortest items in less than thirty times their bytes', async () => {
  const body = `{"items":[${'0,'.repeat(2000)}0]}`;
  const limits = { maxBatchItems: 100_000 };
  const { invalid, stagedBytes } = await receiveBody({ type: TYPE, body, limits, onItem: () => {} });
  expect(invalid).toBe(2001);
  // Beside the folders and the partial blocks of each batch.
  expect(stagedBytes - 6 * BLOCK_BYTES).toBeLessThan(30 * body.length);
});
