import { itemSchema } from '@pixdock/contract/batch';
import { PixdockError } from '@pixdock/contract/error';
import { detailText } from '@pixdock/contract/messages/detail';
import { endpointRequestSchema, WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { expect, it } from 'vitest';
import { fieldProblem } from './field-problem.js';
import { invalidField } from './invalid.js';

const URL = 'https://a.example/';

it.each<[unknown, string, string]>([
  [null, 'The body is not an object.', '请求体不是对象。'],
  [{}, 'Field `url` is missing.', '字段 url 缺失。'],
  [
    { url: 'ftp://a.example/' },
    'Field `url` is not an http or https URL: "ftp://a.example/".',
    '字段 url 不是 http 或 https 链接：“ftp://a.example/”。',
  ],
  [
    { url: URL, colour: 1 },
    'Field `colour` is not a known field. Known are url, headers, profile, externalId, metadata, sha256, deleteAfterSeconds.',
    '字段 colour 无法识别。可用的字段：url、headers、profile、externalId、metadata、sha256、deleteAfterSeconds。',
  ],
  [
    { url: URL, externalId: 7 },
    'Field `externalId` is not a string. Write it in quotes: "7".',
    '字段 externalId 不是字符串。请加引号，写成 "7"。',
  ],
  [
    { url: URL, headers: { authorization: 7 } },
    'Field `headers.authorization` is not a string.',
    '字段 headers.authorization 不是字符串。',
  ],
  [{ url: URL, externalId: [] }, 'Field `externalId` is not a string.', '字段 externalId 不是字符串。'],
  ...['data:image/png;base64,iVBO', `data:image/png;base64,${'A'.repeat(9000)}`].map(
    (url): [unknown, string, string] => [
      { url },
      'Field `url` is a data: URL. Base64 is not decoded: send the bytes of the image to POST /v1/images.',
      '字段 url 是 data: 链接。服务器不解码 Base64，请把图片内容直接发送到 POST /v1/images。',
    ],
  ),
  [
    { url: URL, profile: 'Avatar' },
    'Field `profile` has the unknown value "Avatar". Write it as `avatar`.',
    '字段 profile 的值“Avatar”未知。请写成 avatar。',
  ],
  [
    { url: URL, tags: 'x' },
    'Field `tags` is not a known field. Known are url, headers, profile, externalId, metadata, sha256, deleteAfterSeconds.',
    '字段 tags 无法识别。可用的字段：url、headers、profile、externalId、metadata、sha256、deleteAfterSeconds。',
  ],
  [{ url: URL, externalId: '' }, 'Field `externalId` is empty.', '字段 externalId 为空。'],
  [{ url: URL, metadata: [] }, 'Field `metadata` is not an object.', '字段 metadata 不是对象。'],
  [
    { url: URL, metadata: { a: true } },
    'Field `metadata.a` is not a string. Write it in quotes: "true".',
    '字段 metadata.a 不是字符串。请加引号，写成 "true"。',
  ],
  [
    { url: URL, externalId: 'sku-\ud83d' },
    'Field `externalId` contains half of a character (a lone surrogate).',
    '字段 externalId 含有不完整的字符（孤立代理项）。',
  ],
  [
    { url: URL, metadata: { '\udc00': 'x' } },
    'Field `metadata` contains half of a character (a lone surrogate).',
    '字段 metadata 含有不完整的字符（孤立代理项）。',
  ],
  [
    { url: URL, metadata: { ['__proto__']: 'x' } },
    'Field `metadata` has a key named __proto__. Rename it.',
    '字段 metadata 含有名为 __proto__ 的键。请改名。',
  ],
  [
    { url: URL, headers: { ['__proto__']: 'x' } },
    'Field `headers` has a key named __proto__. Rename it.',
    '字段 headers 含有名为 __proto__ 的键。请改名。',
  ],
  [
    { url: URL, sha256: 'x' },
    'Field `sha256` is not 64 hexadecimal digits: "x".',
    '字段 sha256 不是 64 位十六进制数：“x”。',
  ],
  [
    { url: URL, profile: '../x' },
    'Field `profile` is not the name of a profile: "../x". A name begins with a lowercase letter; lowercase letters, digits and hyphens follow, 32 in all at most.',
    '字段 profile 不是处理方案的名称：“../x”。名称以小写字母开头，后面是小写字母、数字和连字符，最多 32 个字符。',
  ],
])('explains the fault in both languages: %j', (value, en, zh) => {
  const parsed = itemSchema.safeParse(value);
  if (parsed.success) throw new Error('Nothing is wrong with it.');
  const error = invalidField(parsed.error, value, Object.keys(itemSchema.shape));
  expect(error).toBeInstanceOf(PixdockError);
  expect(detailText(error.detail)).toEqual({ en, zh });
});

it('names the field that a misspelled one probably means', () => {
  const value = { url: URL, external_id: 'sku-1' };
  const parsed = itemSchema.safeParse(value);
  if (parsed.success) throw new Error('Nothing is wrong with it.');
  const { detail } = invalidField(parsed.error, value, Object.keys(itemSchema.shape));
  expect(detailText(detail).en).toBe('Field `external_id` is not a known field. Write it as `externalId`.');
});

it.each([
  ['www.a.example/1.jpg?token=x', 'www.a.example/1.jpg'],
  ['www.a.example/1.jpg#token=x', 'www.a.example/1.jpg'],
  ['#N/A', '#N/A'],
  ['#N/A?token=x', '#N/A'],
  ['ftp://u:p@a.example/1.jpg', undefined],
  [7, undefined],
])('quotes no secrets of a URL: %j', (url, value) => {
  const parsed = itemSchema.safeParse({ url });
  const { detail } = fieldProblem(parsed.error?.issues ?? [], { url }, []);
  expect(detail.params.value).toBe(value);
});

it('names all types of events to a subscription without a list of them', () => {
  const body = { url: URL, events: 'image.published' };
  const { error } = endpointRequestSchema.safeParse(body);
  const { detail } = fieldProblem(error?.issues ?? [], body, []);
  expect(detail).toEqual({ reason: 'not-event-types', params: { known: WEBHOOK_EVENTS } });
});
