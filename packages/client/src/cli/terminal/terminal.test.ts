import { expect, it } from 'vitest';
import { columnsOf, fit } from './columns.js';
import { bar, bytes, clock, percent } from './units.js';
import { visible, visibleJson } from './visible.js';

it('spells out what could move or reorder text', () => {
  expect(visible('a\u001b[31mb\n\u202egpj.exe\u0085')).toBe('a\\u{1b}[31mb\\u{a}\\u{202e}gpj.exe\\u{85}');
  expect(visible('图片 é 🖼️.jpg')).toBe('图片 é 🖼️.jpg');
});

it('keeps JSON the same value', () => {
  const value = { file: 'x\u202e\u009b\n.jpg' };
  const text = visibleJson(value);
  expect(text).toBe('{"file":"x\\u202e\\u009b\\n.jpg"}');
  expect(JSON.parse(text)).toEqual(value);
});

it('counts columns, not characters', () => {
  expect(columnsOf('图a')).toBe(3);
  expect(columnsOf('e\u0301')).toBe(1);
  expect(fit('图', 4)).toBe('图  ');
  expect(fit('holiday/beach.jpg', 10)).toBe('…beach.jpg');
  // Half of a wide character does not fit.
  expect(fit('图片图片', 6)).toBe('…图片 ');
  expect(columnsOf(fit('图片图片图片', 6))).toBe(6);
});

it('writes sizes, times and shares', () => {
  expect([0, 999, 1000, 4_183_221, 5e9].map(bytes)).toEqual(['0 B', '999 B', '1.0 KB', '4.2 MB', '5.0 GB']);
  expect([7, 75, 605, 11_100].map(clock)).toEqual(['0:07', '1:15', '10:05', '3:05:00']);
  expect([0, 0.999, 1, 2].map(percent)).toEqual(['  0%', ' 99%', '100%', '100%']);
  expect(bar(0.5, 4)).toBe('██░░');
});
