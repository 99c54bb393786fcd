import { expect, it } from 'vitest';
import { columnsOf, fit } from './columns.js';
import { bar, bytes, clock, percent } from './units.js';
import { visible, visibleJson } from './visible.js';

it('escapes characters that could move or reorder text', () => {
  expect(visible('a\u001b[31mb\n\u202egpj.exe\u0085')).toBe('a\\u{1b}[31mb\\u{a}\\u{202e}gpj.exe\\u{85}');
  expect(visible('图片 é 🖼️.jpg')).toBe('图片 é 🖼️.jpg');
});

it('keeps the value of JSON', () => {
  const value = { file: 'x\u202e\u009b\n.jpg' };
  const text = visibleJson(value);
  expect(text).toBe('{"file":"x\\u202e\\u009b\\n.jpg"}');
  expect(JSON.parse(text)).toEqual(value);
});

it('counts columns instead of characters', () => {
  expect(columnsOf('图a')).toBe(3);
  expect(columnsOf('e\u0301')).toBe(1);
  expect(fit('图', 4)).toBe('图  ');
  expect(fit('holiday/beach.jpg', 10)).toBe('…beach.jpg');
  // Half of a wide character does not fit.
  expect(fit('图片图片', 6)).toBe('…图片 ');
  expect(columnsOf(fit('图片图片图片', 6))).toBe(6);
});

it('formats sizes, times and ratios', () => {
  expect([0, 1023, 1024, 4_183_221, 20 * 1024 ** 2, 5 * 1024 ** 3].map(bytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '4.0 MiB',
    '20.0 MiB',
    '5.0 GiB',
  ]);
  expect([7, 75, 605, 11_100].map(clock)).toEqual(['0:07', '1:15', '10:05', '3:05:00']);
  expect([0, 0.999, 1, 2].map(percent)).toEqual(['  0%', ' 99%', '100%', '100%']);
  expect(bar(0.5, 4)).toBe('██░░');
});
