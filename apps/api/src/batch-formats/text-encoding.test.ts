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
])('%s alone is told in GB18030', (text, bytes) => {
  expect(detectEncoding([bytes])).toBe('gb18030');
  expect(detectEncoding([Buffer.from(text)])).toBe('utf-8');
});

test.each(['Цена', 'Тип', 'Сад', 'Pääkuva', 'Date créée', 'Müü', 'εδώ', 'שלום', 'ցանկ', 'Hawaiʻi', 'thơ ư'])(
  '%s in UTF-8 is not taken for GB18030, however often it comes',
  (text) => {
    expect(detectEncoding(lines(text))).not.toBe('gb18030');
    expect(detectEncoding(Array<Buffer>(10).fill(Buffer.from(text)))).toBe('utf-8');
  },
);

test('a damaged line does not decide, in either', () => {
  const cut = hex('baecc92c');
  expect(detectEncoding([hex('baecc9ab'), cut, hex('c6b7c5c6')])).toBe('gb18030');
  expect(detectEncoding([cut, hex('baecc9ab')])).toBe('gb18030');
  expect(detectEncoding(lines('图片', cut, '品牌'))).toBe('utf-8');
  expect(detectEncoding(lines('créée', Buffer.from('cr\xe9\xe9e', 'latin1'), 'brûlée'))).toBe('utf-8');
});

test('what is ASCII, damaged, or could be either tells nothing', () => {
  expect(detectEncoding([])).toBeNull();
  expect(detectEncoding(lines('url', hex('fffe'), 'créée'))).toBeNull();
});
