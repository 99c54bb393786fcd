import { expect, test } from 'vitest';
import { receiveBody, refusalOf, say } from './testing/receive.js';
import { turnsDuring } from './testing/turns.js';

const TYPE = 'application/x-ndjson';
const line = (value: object) => `${JSON.stringify(value)}\n`;

test.each([1, 2, 7, 65_536])('accepts items in chunks of %i bytes', async (size) => {
  const body = `\ufeff${line({ url: 'HTTP://例子.example/图.jpg', externalId: '货号-1', metadata: { 品牌: '甲' }, profile: 'avatar' })}\r\n  \n{"url":"http://a.example/2.jpg","headers":{"Referer":"http://a.example/"},"sha256":"${'A'.repeat(64)}"}`;
  const { items, ...rest } = await receiveBody({ type: TYPE, body, size, query: '?profile=compact' });
  expect(rest).toMatchObject({
    profile: 'compact',
    columns: ['source'],
    total: 2,
    invalid: 0,
  });
  expect(items).toEqual([
    {
      row: 1,
      position: 1,
      cells: ['HTTP://例子.example/图.jpg'],
      profile: 'avatar',
      externalId: '货号-1',
      metadata: { 品牌: '甲' },
      sha256: null,
      deleteAfterSeconds: null,
      filename: null,
      declaredType: null,
      origin: { kind: 'url', url: 'http://xn--fsqu00a.example/%E5%9B%BE.jpg', headers: {} },
      fault: null,
    },
    expect.objectContaining({
      row: 4,
      profile: 'compact',
      sha256: 'a'.repeat(64),
      deleteAfterSeconds: null,
      origin: { kind: 'url', url: 'http://a.example/2.jpg', headers: { referer: 'http://a.example/' } },
    }),
  ]);
});

test.each([
  ['{"url":', 'Row 1 is not JSON.', '第 1 行不是 JSON。'],
  ['{"url":NaN}', 'Row 1 is not JSON.', '第 1 行不是 JSON。'],
  ['["http://a.example/"]', 'Row 1 is not an object.', '第 1 行不是对象。'],
  ['null', 'Row 1 is not an object.', '第 1 行不是对象。'],
  [`${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'Row 1 is not an object.', '第 1 行不是对象。'],
  ['{}', 'Row 1: `url` is missing.', '第 1 行：url 缺失。'],
  ['{"url":7}', 'Row 1: `url` is not a string.', '第 1 行：url 不是字符串。'],
  [
    '{"url":"a.jpg"}',
    'Row 1: `url` is not an absolute URL: "a.jpg".',
    '第 1 行：url 不是完整的链接（http:// 或 https:// 开头）：“a.jpg”。',
  ],
  [
    '{"url":"ftp://a.example"}',
    'Row 1: `url` is not an http or https URL: "ftp://a.example".',
    '第 1 行：url 不是 http 或 https 链接：“ftp://a.example”。',
  ],
  [
    '{"url":"http://u:p@a.example"}',
    'Row 1: `url` contains a user name or a password. Remove them. An image can be fetched with an Authorization header in `headers`, which JSON and NDJSON have and CSV has not.',
    '第 1 行：url 含有用户名或密码，请去掉；抓取图片需要认证时，请改用 JSON 或 NDJSON，在 headers 中写 Authorization（CSV 没有 headers）。',
  ],
  [
    '{"url":"http://a.example","externalId":""}',
    'Row 1: `externalId` is empty.',
    '第 1 行：externalId 为空。',
  ],
  [
    `{"url":"http://a.example","externalId":"${'x'.repeat(257)}"}`,
    'Row 1: `externalId` has more than 256 characters.',
    '第 1 行：externalId 超过 256 个字符。',
  ],
  [
    '{"url":"http://a.example","sha256":"x"}',
    'Row 1: `sha256` is not 64 hexadecimal digits.',
    '第 1 行：sha256 不是 64 位十六进制数。',
  ],
  [
    '{"url":"http://a.example","metadata":{"a":1}}',
    'Row 1: `metadata.a` is not a string.',
    '第 1 行：metadata.a 不是字符串。',
  ],
  [
    '{"url":"http://a.example","metadata":[]}',
    'Row 1: `metadata` is not an object.',
    '第 1 行：metadata 不是对象。',
  ],
  [
    `{"url":"http://a.example","metadata":{"a":"${'x'.repeat(5000)}"}}`,
    'Row 1: `metadata` is larger than 4 KiB.',
    '第 1 行：metadata 超过 4 KiB。',
  ],
  [
    '{"url":"http://a.example","metadata":{"__proto__":"x"}}',
    'Row 1: `metadata` has a key named __proto__. Rename it.',
    '第 1 行：metadata 含有名为 __proto__ 的键。请改名。',
  ],
  [
    '{"url":"http://a.example","external_id":"a"}',
    'Row 1: `external_id` is not a known field. Write it as `externalId`.',
    '第 1 行：external_id 无法识别，请写成 externalId。',
  ],
  [
    '{"url":"http://a.example","__proto__":{"x":1}}',
    'Row 1: `__proto__` is not a known field.',
    '第 1 行：__proto__ 无法识别。',
  ],
  [
    '{"url":"http://a.example","we\\u001bbhook":1}',
    'Row 1: `we?bhook` is not a known field.',
    '第 1 行：we?bhook 无法识别。',
  ],
  [
    '{"url":"http://a.example","externalId":"\\ud800"}',
    'Row 1: `externalId` contains half of a character (a lone surrogate).',
    '第 1 行：externalId 含有不完整的字符（孤立代理项）。',
  ],
  [
    '{"url":"http://a.example","metadata":{"a":"\\udc00"}}',
    'Row 1: `metadata` contains half of a character (a lone surrogate).',
    '第 1 行：metadata 含有不完整的字符（孤立代理项）。',
  ],
  [
    '{"url":"http://a.example","headers":{"Cookie":"x"}}',
    'Row 1: `headers` may contain only accept, accept-language, authorization, referer, user-agent.',
    '第 1 行：headers 只能包含 accept、accept-language、authorization、referer、user-agent。',
  ],
  [
    '{"url":"http://a.example","headers":{"accept":"a\\r\\nb"}}',
    'Row 1: `headers.accept` contains characters that are not allowed in a header.',
    '第 1 行：headers.accept 含有请求头不允许的字符。',
  ],
  [
    '{"url":"http://a.example","profile":"nope"}',
    'Row 1: `profile` names no profile of this server: "nope". Use one of default, compact, avatar.',
    '第 1 行：profile 不是这台服务器上的处理方案：“nope”。请使用以下之一：default、compact、avatar。',
  ],
  [
    '{"url":"http://a.example","profile":"No Name"}',
    'Row 1: `profile` is not the name of a profile: "No Name". A name begins with a lowercase letter; lowercase letters, digits and hyphens follow, 32 in all at most.',
    '第 1 行：profile 不是处理方案的名称：“No Name”。名称以小写字母开头，后面是小写字母、数字和连字符，最多 32 个字符。',
  ],
  [
    `{"url":"http://a.example/${'x'.repeat(65_536)}"}`,
    'Row 1 is longer than 64 KiB.',
    '第 1 行超过 64 KiB。',
  ],
  [
    `{"url":"http://a.example/${'x'.repeat(9000)}"}`,
    'Row 1: `url` has more than 8192 characters.',
    '第 1 行：url 超过 8192 个字符。',
  ],
  [
    Buffer.from('{"url":"http://a.example/\xff"}', 'latin1'),
    'Row 1 is not UTF-8 text.',
    '第 1 行不是 UTF-8 文本。',
  ],
])('turns an invalid row into a failed item: %.60s', async (wrong, en, zh) => {
  const body = Buffer.concat([Buffer.from(wrong), Buffer.from('\n{"url":"http://a.example/good"}\n')]);
  for (const size of [1000, 65_536]) {
    const { items, invalid, faults } = await receiveBody({ type: TYPE, body, size });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      row: 1,
      origin: null,
      fault: { code: 'invalid_row' },
    });
    expect([say(items[0]?.fault), say(items[0]?.fault, 'zh')]).toEqual([en, zh]);
    expect(items[1]).toMatchObject({ row: 2, fault: null });
    expect(invalid).toBe(1);
    expect(faults).toMatchObject([{ row: 1, code: 'invalid_row' }]);
    expect([say(faults[0]), say(faults[0], 'zh')]).toEqual([en, zh]);
  }
});

test('keeps the externalId of a failed item', async () => {
  const { items, faults } = await receiveBody({ type: TYPE, body: line({ url: 'x', externalId: '货号' }) });
  expect(items[0]?.externalId).toBe('货号');
  expect(faults[0]?.field).toBe('url');
});

test('refuses more than a million blank lines', async () => {
  const item = line({ url: 'http://a.example/' });
  const body = (lines: number) => `${'\n'.repeat(lines)}${item}`;
  expect((await receiveBody({ type: TYPE, body: body(2 ** 20) })).items[0]?.row).toBe(2 ** 20 + 1);
  expect(await refusalOf({ type: TYPE, body: body(2 ** 20 + 1) })).toMatch(
    /^invalid_request: The file has more than 1048576 blank rows/,
  );
});

test('limits the bytes of all headers of a batch', async () => {
  const long = 'x'.repeat(4000);
  const body = Array.from({ length: 66 }, (_, i) =>
    line({ url: 'http://a.example/', headers: { accept: long + i } }),
  ).join('');
  const { total, invalid, faults } = await receiveBody({ type: TYPE, body });
  expect([total, invalid]).toEqual([66, 1]);
  expect(say(faults[0])).toBe(
    'Row 66: `headers` exceeds what one batch can have: 1000 different sets of headers, 256 KiB together. Split the batch.',
  );
});

test.each([
  ['empty lines', '\n', 300_000],
  ['empty objects', '{}\n', 10_000],
  ['items with thousands of members', line({ url: 'http://a.example/', metadata: members(5000) }), 100],
  ['items with thousands of headers', line({ url: 'http://a.example/', headers: members(5000) }), 100],
])('keeps the event loop turning while it reads %s', async (_, row, rows) => {
  const body = `${row.repeat(rows)}${line({ url: 'http://a.example/' })}`;
  const limits = { maxBatchItems: 100_000 };
  const turns = await turnsDuring(async () => {
    await receiveBody({ type: TYPE, body, limits, size: body.length, onItem: () => {} });
  });
  expect(turns.longestMs).toBeLessThan(100);
  expect(turns.count).toBeGreaterThan(5);
});

function members(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '']));
}

test('uses the last of two members with one name, as JSON.parse does', async () => {
  const { items } = await receiveBody({ type: TYPE, body: '{"url":"x","url":"http://a.example/"}' });
  expect(items[0]?.origin).toMatchObject({ url: 'http://a.example/' });
});

test('reports and counts all faults', async () => {
  const { invalid, faults, total } = await receiveBody({ type: TYPE, body: '{}\n'.repeat(150) });
  expect([total, invalid, faults.length]).toEqual([150, 150, 150]);
});

test('fails items whose headers are beyond a thousand sets', async () => {
  const body = Array.from({ length: 1003 }, (_, i) =>
    line({ url: `http://a.example/${i}`, headers: { accept: String(Math.min(i, 1001)) } }),
  ).join('');
  const { invalid, faults } = await receiveBody({ type: TYPE, body, limits: { maxBatchItems: 2000 } });
  expect(invalid).toBe(3);
  expect(faults[0]?.field).toBe('headers');
});

test('stops at the first item and at the first byte over the limits', async () => {
  const body = line({ url: 'http://a.example/' }).repeat(11);
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchItems: 10 } })).toMatch(/^too_many_items/);
  expect((await receiveBody({ type: TYPE, body, limits: { maxBatchItems: 11 } })).total).toBe(11);
  const maxBatchBytes = body.length - 1;
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchBytes } })).toMatch(/^payload_too_large/);
});

test.each(['', '\n\n \r\n', '\ufeff'])('refuses a batch without items: %j', async (body) => {
  expect(await refusalOf({ type: TYPE, body })).toMatch(/^invalid_request: The batch has no items/);
});

test('computes the digest from the input and the options', async () => {
  const digest = async (url: string, query = '') =>
    (await receiveBody({ type: TYPE, body: line({ url }), query })).fingerprint;
  const first = await digest('http://a.example/');
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest('http://a.example/')).toBe(first);
  expect(await digest('http://b.example/')).not.toBe(first);
  expect(await digest('http://a.example/', '?profile=compact')).not.toBe(first);
});

test('refuses an interrupted body', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from(line({ url: 'http://a.example/' }));
    throw new Error('gone');
  }
  expect(await refusalOf({ type: TYPE, body: broken() })).toMatch(/^invalid_request: The body ended before/);
});
