import { describe, expect, it } from 'vitest';
import { nameOf } from './naming.js';

const URL_OF = (path: string) => new URL(`https://shop.com${path}`);
/** As a header arrives: its UTF-8 bytes, read as latin1. */
const wire = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('nameOf', () => {
  it.each([
    ['attachment; filename="cat.png"', 'cat.png'],
    ['inline;filename=cat.png', 'cat.png'],
    ['attachment; FILENAME = cat.png ; size=3', 'cat.png'],
    ['attachment; filename="a \\"cat\\".png"', 'a "cat".png'],
    ["attachment; filename=cat.png; filename*=UTF-8''%E7%8C%AB.png", '猫.png'],
    ["attachment; filename*=utf-8'zh'%E7%8C%AB.png", '猫.png'],
    [wire('attachment; filename="猫.png"'), '猫.png'],
    ['attachment; filename="%E7%8C%AB.png"', '猫.png'],
    ['attachment; filename="caf\xe9.png"', 'café.png'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="C:\\\\photos\\\\cat.png"', 'cat.png'],
    ["attachment; filename*=UTF-8''..%2F..%2Fcat.png", 'cat.png'],
    ["attachment; filename*=UTF-8''cat%00%0A.png", 'cat.png'],
    ["attachment; filename*=UTF-8''cat%E2%80%AEgnp.exe", 'catgnp.exe'],
    ['attachment; filename=".."', 'path.png'],
    ['attachment; filename=""', 'path.png'],
    ["attachment; filename*=KOI8-R''%c1", 'path.png'],
    ['attachment', 'path.png'],
    [null, 'path.png'],
  ])('reads %j', (disposition, name) => expect(nameOf(disposition, URL_OF('/a/path.png?x=/y'))).toBe(name));

  it.each([
    ['/', null],
    ['/photos/', null],
    ['/a/%E7%8C%AB.png', '猫.png'],
    ['/a/%ff.png', '%ff.png'],
    ['/a/b%2Fcat.png', 'cat.png'],
    ['/a/%2e%2e%2f', null],
    ['/a/%00', null],
  ])('takes the last part of the path %s', (path, name) => expect(nameOf(null, URL_OF(path))).toBe(name));

  it('cuts what is too long, and no character in two', () => {
    expect(nameOf(null, URL_OF(`/${'x'.repeat(300)}`))).toHaveLength(255);
    expect(nameOf(null, URL_OF(`/${'x'.repeat(254)}${'%F0%9F%90%B1'.repeat(3)}`))).toBe('x'.repeat(254));
  });

  it('is not slow on a hostile header', () => {
    const started = performance.now();
    for (const hostile of [
      ';'.repeat(16_000),
      '; filename="'.repeat(1300),
      `;${' '.repeat(16_000)}`,
      '\\'.repeat(16_000),
    ])
      nameOf(`attachment; filename="${hostile}`, URL_OF('/x'));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
