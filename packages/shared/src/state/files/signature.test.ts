import { expect, test } from 'vitest';
import { detectFormat } from './signature.js';

const ftyp = (major: string, ...compatible: string[]) => {
  const brands = [major, '\0\0\0\0', ...compatible].join('');
  const box = Buffer.alloc(8 + brands.length);
  box.writeUInt32BE(box.length, 0);
  box.write(`ftyp${brands}`, 4, 'latin1');
  return box;
};

test.each([
  [Buffer.from('ffd8ffe0', 'hex'), 'jpeg'],
  [Buffer.from('89504e470d0a1a0a', 'hex'), 'png'],
  [Buffer.from('GIF89a'), 'gif'],
  [Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'), 'webp'],
  [Buffer.from('49492a00', 'hex'), 'tiff'],
  [ftyp('avif', 'mif1'), 'avif'],
  [ftyp('mif1', 'avif', 'miaf'), 'avif'],
  [ftyp('avif', 'avis', 'mif1'), 'avif'],
  [ftyp('avis', 'avif', 'mif1'), 'avis'],
  [ftyp('heic', 'mif1'), 'heic'],
  [ftyp('mif1', 'heic'), 'heic'],
  [Buffer.from('ff0a7f00', 'hex'), 'jxl'],
  [Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), 'jxl'],
  [Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), null],
  [ftyp('isom', 'mp42'), null],
  [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), null],
  [Buffer.from('%PDF-1.7'), null],
  [Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1'), null],
  [Buffer.from('\0\0\0\x18ftyp'), null],
  [Buffer.from('ff', 'hex'), null],
  [Buffer.alloc(0), null],
])('%#: %s is %s', (head, format) => {
  expect(detectFormat(head)).toBe(format);
});
