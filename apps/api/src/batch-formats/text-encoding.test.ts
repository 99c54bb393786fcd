import { expect, test } from 'vitest';
import { detectEncoding } from './text-encoding.js';

/** Node has no encoder for GB18030: 图片 图 时 红色 品牌, and 连 without its second byte. */
const hex = (text: string) => Buffer.from(text, 'hex');
const lines = (...texts: (string | Buffer)[]) => texts.map((text) => Buffer.from(text as string));

test.each<[string, Buffer]>([
  ['图片', hex('cdbcc6ac')],
  ['图', hex('cdbc')],
  ['时', hex('cab1')],
  ['红色', hex('baecc9ab')],
  ['品牌', hex('c6b7c5c6')],
])('detects GB18030 in %s alone', (text, bytes) => {
  expect(detectEncoding([bytes])).toBe('gb18030');
  expect(detectEncoding([Buffer.from(text)])).toBe('utf-8');
});

test.each(['Цена', 'Тип', 'Сад', 'Pääkuva', 'Date créée', 'Müü', 'εδώ', 'שלום', 'ցանկ', 'Hawaiʻi', 'thơ ư'])(
  'does not mistake %s in UTF-8 for GB18030, however often it is repeated',
  (text) => {
    expect(detectEncoding(lines(text))).not.toBe('gb18030');
    expect(detectEncoding(Array<Buffer>(10).fill(Buffer.from(text)))).toBe('utf-8');
  },
);

test('ignores a damaged line in either encoding', () => {
  const cut = hex('baecc92c');
  expect(detectEncoding([hex('baecc9ab'), cut, hex('c6b7c5c6')])).toBe('gb18030');
  expect(detectEncoding([cut, hex('baecc9ab')])).toBe('gb18030');
  expect(detectEncoding(lines('图片', cut, '品牌'))).toBe('utf-8');
  expect(detectEncoding(lines('créée', Buffer.from('cr\xe9\xe9e', 'latin1'), 'brûlée'))).toBe('utf-8');
});

test('detects nothing in ASCII, damaged and ambiguous lines', () => {
  expect(detectEncoding([])).toBeNull();
  expect(detectEncoding(lines('url', hex('fffe'), 'créée'))).toBeNull();
});
