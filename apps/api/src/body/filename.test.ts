import { expect, test } from 'vitest';
import { displayName } from './filename.js';

test.each([
  [undefined, null],
  ['', null],
  ['photo.jpg', 'photo.jpg'],
  ['图片 1.JPG', '图片 1.JPG'],
  ['C:\\fakepath\\photo.jpg', 'photo.jpg'],
  ['/etc/passwd', 'passwd'],
  ['folder/', null],
  ['evil\u202egpj.exe', 'evilgpj.exe'],
  ['..hidden..jpg', '..hidden..jpg'],
  ['<script>.jpg', '<script>.jpg'],
])('shows %j as %j', (raw, shown) => {
  expect(displayName(raw)).toBe(shown);
});

test.each([
  '../../etc/passwd',
  '..',
  'a\\..\\b.jpg',
  'a\0.jpg',
  'a\r\nSet-Cookie: x.jpg',
  'a\u001b[31m.jpg',
  'a\u0085b.jpg',
  'a\u2028b.jpg',
  'x'.repeat(256),
  'x'.repeat(65_536),
])('refuses %j', (raw) => {
  expect(() => displayName(raw)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
