import { expect, it } from 'vitest';
import { encodeGb18030 } from './encode-gb18030.js';

/** Neither half of a pair, nor for private use, where versions of the standard differ. */
const isCharacter = (point: number) => (point < 0xd800 || point > 0xf8ff) && point !== 0xfffd;

it('encodes every character so that it decodes to itself', () => {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  for (let from = 0; from < 0x110000; from += 0x400) {
    const points = Array.from({ length: 0x400 }, (_, i) => from + i);
    const text = String.fromCodePoint(...points.filter(isCharacter));
    expect(decoder.decode(encodeGb18030(text))).toBe(text);
  }
});

it('encodes half of a pair as a question mark', () => {
  expect(encodeGb18030('图\ud800b')).toEqual(Buffer.from('cdbc3f62', 'hex'));
});
