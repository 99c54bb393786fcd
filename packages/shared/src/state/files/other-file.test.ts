import { expect, test } from 'vitest';
import { detectOtherFile } from './other-file.js';

test.each([
  ['PK\x03\x04\x14\0', 'zip'],
  ['PK\x05\x06\0\0', 'zip'],
  ['PK', 'text'],
  ['%PDF-1.7\n%\xe2\xe3', 'pdf'],
  ['BM\x36\x0c\0\0\0\0\0\0\x36\0', 'bmp'],
  ['BMW,https://example.com/a.jpg', 'text'],
  ['\n<!DOCTYPE html>\n<html>', 'html'],
  ['<html lang="en"><svg/>', 'html'],
  ['<!-- saved -->\n<!DOCTYPE  html><body><svg/>', 'html'],
  ['<?xml version="1.0"?><!DOCTYPE html><html><body><svg/>', 'html'],
  ['<script>location = "/sign-in"</script>', 'html'],
  ['\xef\xbb\xbf<title>404</title>', 'html'],
  ['<?xml version="1.0"?>\n<!-- Generator -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"', 'svg'],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'svg'],
  ['<?xml version="1.0"?>\n<!-- drawn -->\n<svg>', 'svg'],
  ['<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', 'text'],
  ['url\thttps://example.com/a.jpg\r\n', 'text'],
  ['\x7fELF\x02\x01', null],
  ['\0\0\0\x18ftypisom', 'video'],
  ['\x1a\x45\xdf\xa3\x9f', 'video'],
  ['RIFF\x10\0\0\0AVI LIST', 'video'],
  [`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`, 'office'],
  [`PK\x03\x04${'\0'.repeat(26)}xl/workbook.xml`, 'office'],
  [`PK\x03\x04${'\0'.repeat(26)}xl.jpg`, 'zip'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0', 'office'],
  ['', null],
])('%#: %j is %s', (head, kind) => {
  expect(detectOtherFile(Buffer.from(head, 'latin1'))).toBe(kind);
});

test('takes UTF-8 and GB18030 for text, also with a mark or a cut character', () => {
  const utf8 = Buffer.from('\uFEFF网址');
  const gb18030 = Buffer.from('cdf8d6b72c0d0a', 'hex');
  for (const text of [utf8, utf8.subarray(0, -1), gb18030, gb18030.subarray(0, 3)])
    expect(detectOtherFile(text)).toBe('text');
  expect(detectOtherFile(Buffer.from('ff00ff', 'hex'))).toBe(null);
});
