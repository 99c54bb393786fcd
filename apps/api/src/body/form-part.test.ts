import { expect, test } from 'vitest';
import { fileNameIn, parseDisposition } from './form-part.js';

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

test.each([
  ['form-data; name="file"; filename="photo.jpg"', 'file', 'photo.jpg'],
  ['form-data; name=file; filename=photo.jpg', 'file', 'photo.jpg'],
  ['FORM-DATA;NAME="file";FILENAME="a;b=c.jpg"', 'file', 'a;b=c.jpg'],
  ['form-data; filename="图.jpg"; name="file"', 'file', '图.jpg'],
  ['form-data; name="file"; filename="say \\"hi\\".jpg"', 'file', 'say "hi".jpg'],
  ['form-data; name="file"; filename="C:\\pics\\a.jpg"', 'file', 'C:\\pics\\a.jpg'],
  ['form-data; name="file"; filename=""', 'file', ''],
  ['form-data; name="file"; filename="x.jpg"; filename*=UTF-8\'\'%E5%9B%BE.jpg', 'file', '图.jpg'],
  ['form-data; name="file"; filename*=utf-8\'en\'a%0D%0Ab.jpg', 'file', 'a\r\nb.jpg'],
  ['form-data; name="profile"', 'profile', undefined],
  ['form-data; name="";', '', undefined],
])('parses %s', (header, name, filename) => {
  expect(parseDisposition(bytes(header))).toEqual({ name, filename });
});

test.each([
  '',
  'form-data',
  'form-data; filename="a.jpg"',
  'attachment; name="file"; filename="a.jpg"',
  'form-data; name="file"; filename="cut',
  'form-data; name="file" junk; filename="a.jpg"',
  'form-data; name="file"; name="other"',
  'form-data; name="file"; filename="a"; filename="b"',
  'form-data; name="file"; filename*=latin1\'\'a.jpg',
  'form-data; name="file"; filename*=utf-8\'\'%E5%9',
  'form-data; name="file"; filename',
])('refuses %s', (header) => {
  expect(parseDisposition(bytes(header))).toBeNull();
});

test('parses a hostile header in linear time', () => {
  const began = performance.now();
  parseDisposition(`form-data; name="${'\\'.repeat(60_000)}`);
  parseDisposition(`form-data${'; a'.repeat(20_000)}`);
  parseDisposition(`form-data; name="a"${' '.repeat(60_000)}x`);
  expect(performance.now() - began).toBeLessThan(500);
});

test.each([
  ["attachment; filename*=UTF-8''%E6%98%A5.csv", '春.csv'],
  ['attachment; filename="C:\\sheets\\a.csv"', 'a.csv'],
  ['inline; filename=a.csv', 'a.csv'],
  ['attachment', null],
  ['attachment; filename="a', null],
  ["attachment; filename*=UTF-8''%FF", null],
  [undefined, null],
])('reads the file name of the header %j', (header, name) => {
  expect(fileNameIn(header)).toBe(name);
});
