import { expect, it } from 'vitest';
import { splitPairs } from './column-pairs.js';

it.each<[string, [string, string][]]>([
  [
    '图片:url, 货号 : externalId ',
    [
      ['图片', 'url'],
      ['货号', 'externalId'],
    ],
  ],
  [
    '主图(白底,800):url,a:b:sha256',
    [
      ['主图(白底,800)', 'url'],
      ['a:b', 'sha256'],
    ],
  ],
  ['a', [['', '']]],
  ['', [['', '']]],
  [
    ':url,a:',
    [
      ['', 'url'],
      ['a', ''],
    ],
  ],
  [
    'a:url,b,c',
    [
      ['a', 'url'],
      ['', ''],
    ],
  ],
])('splits %j', (text, pairs) => {
  expect(splitPairs(text).map(({ header, field }) => [header, field])).toEqual(pairs);
});
