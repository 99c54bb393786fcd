import { expect, it } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { box, ispe, makeAvif } from '../testing/heif.js';
import { countSequence, readHeicParts } from './heic.js';

/** A grid with a thousand references of this type to a thousand items each. */
const gridOf = (type: string, target: (number: number) => number) => {
  const targets = Array.from({ length: 1000 }, (_, i) => target(i));
  return makeAvif([{ type: 'grid', data: Buffer.alloc(8), properties: [ispe(64, 64)] }], {
    references: Array.from({ length: 1000 }, () => [type, 1, ...targets] as const),
  });
};

it.each([
  ['tiles', gridOf('dimg', (number) => number + 1), 4000],
  ['alpha planes', gridOf('auxl', () => 1), 0],
])('reads a file with a million %s within a second of CPU time', (_, file, tiles) => {
  const before = process.cpuUsage();
  expect(withBytes(file, readHeicParts)?.tiles).toBe(tiles);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(1_000_000);
});

it('counts the images of a sequence with more tables than a call takes arguments', () => {
  const table = Buffer.concat([
    Buffer.of(0, 0, 0, 20),
    Buffer.from('stsz'),
    Buffer.alloc(8),
    Buffer.of(0, 0, 0, 3),
  ]);
  const tables = box('stbl', Buffer.alloc(table.length * 1000, table));
  const track = box('trak', box('mdia', box('minf', tables)));
  const file = box('moov', Buffer.alloc(track.length * 300, track));
  expect(withBytes(file, countSequence)).toBe(3);
});
