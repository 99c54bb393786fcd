import * as fc from 'fast-check';

/** Corruption of bytes, by accident or by an attacker. Positions are fractions, so that they fit any length. */
export interface Edit {
  kind: 'flip' | 'cut' | 'insert' | 'remove' | 'repeat' | 'zero' | 'number';
  at: number;
  length: number;
  bytes: Uint8Array;
}

/** Half of the positions are near the beginning, which holds the structure. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((at) => at ** 3),
);
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'insert', 'remove', 'repeat', 'zero', 'number'),
  at: place,
  length: fc.integer({ min: 1, max: 64 }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    // Numbers that often make parsers fail.
    fc
      .constantFrom('00000000', 'ffffffff', '7fffffff', '80000000', '0000ffff', '00', 'ff')
      .map((hex) => Buffer.from(hex, 'hex')),
  ),
});

export const edits = (most: number, least = 0): fc.Arbitrary<Edit[]> =>
  fc.array(edit, { minLength: least, maxLength: most });

export function edited(whole: Buffer, changes: readonly Edit[]): Buffer<ArrayBuffer> {
  return changes.reduce<Buffer<ArrayBuffer>>(apply, Buffer.from(whole));
}

function apply(bytes: Buffer<ArrayBuffer>, { kind, at, length, bytes: given }: Edit): Buffer<ArrayBuffer> {
  const from = Math.min(Math.floor(at * bytes.length), Math.max(bytes.length - 1, 0));
  const to = Math.min(from + length, bytes.length);
  const [before, taken, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  switch (kind) {
    case 'cut':
      return Buffer.from(before);
    case 'insert':
      return Buffer.concat([before, given, taken, after]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, taken, taken, after]);
    case 'zero':
      return Buffer.concat([before, Buffer.alloc(taken.length), after]);
    case 'number':
      return Buffer.concat([before, given, bytes.subarray(from + given.length)]);
    default:
      return Buffer.concat([before, taken.map((byte) => byte ^ (given[0] ?? 1)), after]);
  }
}
