import { expect, it } from 'vitest';
import { ERROR_CODES } from '../error-table.js';
import { batchMessages } from './batches.js';
import { csvMessages } from './csv.js';
import { detailOf, detailText, fixOf, locate, sayDetail, titleOf } from './detail.js';
import { detailSchema } from './detail-schema.js';
import { fieldMessages } from './fields.js';
import { imageMessages } from './images.js';
import { limitMessages, ownerLimitMessages } from './limits.js';
import { rowMessages } from './rows.js';
import { sourceMessages } from './sources.js';
import { size } from './values.js';

const HAN = /\p{Script=Han}/u;

it('has a title and a fix of each code in both languages', () => {
  for (const code of ERROR_CODES) {
    expect(titleOf(code, 'en')).not.toMatch(HAN);
    expect(titleOf(code, 'zh')).toMatch(HAN);
    expect(detailText(fixOf(code)).en).toMatch(/^[^\p{Script=Han}]+\.$/u);
    expect(detailText(fixOf(code)).zh).toMatch(/。$/);
  }
});

it('names the row, quotes the value and writes sizes for people', () => {
  const missing = locate(detailOf('not-an-absolute-url', { value: 'www.a.cn/1.jpg' }), {
    row: 78,
    field: 'url',
  });
  expect(sayDetail('en', missing)).toBe('Row 78: `url` is not an absolute URL: "www.a.cn/1.jpg".');
  expect(sayDetail('zh', missing)).toBe(
    '第 78 行：url 不是完整的链接（http:// 或 https:// 开头）：“www.a.cn/1.jpg”。',
  );
  const large = detailOf('file-over-limit', { max: 20 * 1024 * 1024 });
  expect(sayDetail('en', large)).toBe('The file is larger than 20 MiB, the limit for this upload.');
});

it.each([
  [20 * 1024 ** 2, '20 MiB', '20 MiB'],
  [4_183_221, '3.99 MiB', '3.99 MiB'],
  [1024 ** 2 + 1, '1,048,577 bytes', '1,048,577 字节'],
  [1, '1 byte', '1 字节'],
  [0, '0 bytes', '0 字节'],
])('writes %i bytes as %s', (bytes, en, zh) => {
  expect([size.en(bytes), size.zh(bytes)]).toEqual([en, zh]);
});

it.each([
  [1200, 1, 'a width of at least 1200', '宽度至少 1200'],
  [1, 800, 'a height of at least 800', '高度至少 800'],
  [1200, 800, 'at least 1200 × 800', '至少 1200 × 800'],
])('names the sides that a minimum of %i × %i requires', (minWidth, minHeight, en, zh) => {
  const small = detailOf('too-small', { width: 640, height: 480, minWidth, minHeight });
  expect(detailText(small)).toEqual({
    en: `The image is 640 × 480; the profile requires ${en}.`,
    zh: `图片为 640 × 480，处理方案要求${zh}。`,
  });
});

it('names the setting that permits the target of a webhook', () => {
  const { en, zh } = detailText(detailOf('source-not-public', { hop: 'webhook' }));
  expect(en).toMatch(/^The webhook URL leads to an IP address .*by adding host:port to WEBHOOK_ALLOW\.$/);
  expect(zh).toMatch(/^webhook 地址是内网地址，.*WEBHOOK_ALLOW/);
});

it('cuts what it stores of a caller', () => {
  const { params } = detailOf('unknown-parameter', { name: `\u001b${'x'.repeat(10_000)}`, known: [] });
  expect(params).toEqual({ name: `?${'x'.repeat(63)}…`, known: [] });
  const { params: many } = detailOf('csv-without-url', { headers: Array.from({ length: 1000 }, () => 'x') });
  expect(many.headers).toHaveLength(51);
});

it('accepts only details with a sentence', () => {
  expect(detailSchema.safeParse({ reason: 'not-known', params: {} }).success).toBe(false);
  expect(detailSchema.safeParse({ reason: '__proto__', params: {} }).success).toBe(false);
  expect(detailSchema.safeParse({ reason: 'empty', params: { at: {} } }).success).toBe(false);
  expect(detailSchema.safeParse({ reason: 'empty', params: { field: 'url' } }).success).toBe(true);
});

it('renders wrong parameters without an error', () => {
  const reasons = [
    fieldMessages,
    rowMessages,
    batchMessages,
    csvMessages,
    limitMessages,
    ownerLimitMessages,
    imageMessages,
    sourceMessages,
  ].flatMap((messages) => Object.keys(messages));
  const names = [
    'max',
    'names',
    'formats',
    'options',
    'headers',
    'value',
    'bytes',
    'row',
    'ports',
    'allowed',
  ];
  for (const reason of reasons)
    for (const value of [undefined, 'x', 1.5, ['x']]) {
      const params = value === undefined ? {} : Object.fromEntries(names.map((name) => [name, value]));
      const text = detailText(detailSchema.parse({ reason, params }));
      expect(text.en).not.toMatch(HAN);
      expect(text.zh).toMatch(HAN);
    }
});

const MIB = 1024 * 1024;

it.each([
  [
    26.5 * MIB,
    'The file has 26.5 MiB, more than 20 MiB, the limit',
    '文件 26.5 MiB，上限 20 MiB，请压缩后重传。',
  ],
  [
    20 * MIB + 1,
    'The file has 20,971,521 bytes, more than 20 MiB',
    '文件 20,971,521 字节，上限 20 MiB，请压缩后重传。',
  ],
  [undefined, 'The file is larger than 20 MiB, the limit', '文件超过上限 20 MiB，请压缩后重传。'],
])('says the size of a file of %s bytes, if it is known, beside the limit', (bytes, en, zh) => {
  const said = detailText(detailOf('file-over-limit', { max: 20 * MIB, bytes }));
  expect(said.en).toContain(en);
  expect(said.zh).toBe(zh);
});

it.each([
  [78, 78, 'Row 78: `url` is empty.', '第 78 行：url 这一格是空的。'],
  [78, 80, 'Row 78 (line 80 of the file): `url` is empty.', '第 78 行（文件第 80 行）：url 这一格是空的。'],
])('names row %i and line %i once if they are equal', (row, line, en, zh) => {
  expect(detailText(locate(detailOf('cell-empty', {}), { row, line, field: 'url' }))).toEqual({ en, zh });
});
