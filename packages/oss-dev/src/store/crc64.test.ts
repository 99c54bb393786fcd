import { expect, test } from 'vitest';
import { createCrc64 } from './crc64.js';

test.each([
  ['', '0'],
  ['123456789', '11051210869376104954'],
])('computes the CRC of %j as %s', (text, expected) => {
  expect(crc64(Buffer.from(text))).toBe(expected);
});

test('computes the same CRC for any chunk size as the bitwise definition', () => {
  const bytes = Buffer.from(Array.from({ length: 5003 }, (_, index) => (index * index * 31 + 7) & 255));
  const expected = bitByBit(bytes);
  for (const size of [1, 2, 3, 4, 5, 7, 64, 1000, 5003]) {
    const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    expect(crc64(...cut)).toBe(expected);
    const [first = Buffer.alloc(0), ...others] = cut;
    const continued = createCrc64(crc64(first));
    for (const chunk of others) continued.update(chunk);
    expect(continued.digest()).toBe(expected);
  }
});

function crc64(...chunks: Buffer[]): string {
  const crc = createCrc64();
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest();
}

function bitByBit(bytes: Buffer): string {
  const all = (1n << 64n) - 1n;
  let crc = all;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return (crc ^ all).toString();
}
