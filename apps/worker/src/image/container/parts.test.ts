import { expect, it, vi } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { hasGainMap } from './gain-map.js';
import { hasTooManyParts, MAX_PARTS } from './parts.js';
import { webpChunks } from './webp.js';

const times = (count: number, part: Buffer) => Buffer.alloc(count * part.length, part);
const box = (type: string) => Buffer.concat([Buffer.of(0, 0, 0, 8), Buffer.from(type)]);
const chunk = (type: string) => Buffer.concat([Buffer.alloc(4), Buffer.from(type), Buffer.alloc(4)]);
const riff = (chunks: Buffer) => {
  const file = Buffer.concat([Buffer.from('RIFF0000WEBP'), chunks]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
};

const SEGMENT = Buffer.of(0xff, 0xe5, 0, 2);
const FILES = {
  jpeg: (parts: number) => Buffer.concat([Buffer.of(0xff, 0xd8), times(parts, SEGMENT)]),
  png: (parts: number) => Buffer.concat([Buffer.alloc(8), times(parts, chunk('prVt'))]),
  gif: (parts: number) => Buffer.concat([Buffer.alloc(13), times(parts, Buffer.of(0x21, 0xfe, 0))]),
  webp: (parts: number) => riff(times(parts, Buffer.from('XXXX\0\0\0\0'))),
  avif: (parts: number) => times(parts, box('free')),
};

it.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('counts the parts of a %s', (format) => {
  const isTooMany = (parts: number) =>
    withBytes(FILES[format](parts), (bytes) => hasTooManyParts(bytes, format));
  expect(isTooMany(MAX_PARTS[format])).toBe(false);
  expect(isTooMany(MAX_PARTS[format] + 1)).toBe(true);
});

it('counts markers without data and bytes outside any segment', () => {
  for (const pair of ['ff01', 'ff00', 'ffd0'])
    withBytes(Buffer.concat([Buffer.of(0xff, 0xd8), times(250_000, Buffer.from(pair, 'hex'))]), (bytes) =>
      expect(hasTooManyParts(bytes, 'jpeg')).toBe(true),
    );
});

it('reads no chunk behind the end that a WebP states', () => {
  const file = Buffer.concat([riff(Buffer.from('VP8L\0\0\0\0')), Buffer.from('C2PA\0\0\0\0')]);
  withBytes(file, (bytes) => expect([...webpChunks(bytes)].map(({ type }) => type)).toEqual(['VP8L']));
});

it('looks for a further JPEG without a step for each byte', () => {
  const first = Buffer.from('ffd8ffd9', 'hex');
  withBytes(Buffer.concat([first, Buffer.alloc(1_000_000, 0xff), Buffer.of(0xd8)]), (bytes) => {
    const at = vi.spyOn(bytes, 'at');
    expect(hasGainMap(bytes, 'jpeg')).toBe(false);
    expect(at.mock.calls.length).toBeLessThan(100);
  });
});
