/** A Huffman table with one code, the bit 0. */
const huffmanTable = (kind: number, symbol: number) =>
  segment(0xc4, Buffer.of(kind, 1, ...Array<number>(15).fill(0), symbol));
/** EOB14: a run of 2¹⁴ empty blocks plus the number in the next 14 bits. */
const END_OF_BAND_RUN = 0xe0;
const MAX_RUN = 2 ** 15 - 1;
const BANDS = 63;
const BITS = 14;

/** The most scans that a grey image can have: one for DC, and one for each bit of each AC coefficient. */
export const MAX_SCANS = 1 + BANDS * BITS;

/**
 * Makes a valid, plain grey progressive JPEG (ITU-T T.81, G). Each scan takes a few bytes and costs the decoder a pass over
 * the whole image.
 */
export function manyScans(side: number, scans: number): Buffer {
  const blocks = Math.ceil(side / 8) ** 2;
  const size = Buffer.of(8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0);
  const means = Buffer.alloc(Math.ceil(blocks / 8));
  const runs = Math.ceil(blocks / MAX_RUN);
  // Each run is its code, 0, and 14 ones. The last run may exceed the remaining blocks.
  const bits = `0${'1'.repeat(BITS)}`.repeat(runs);
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2)) ?? [];
  const empty = Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
  const passes = Array.from({ length: scans - 1 }, (_, i) => {
    const band = 1 + Math.floor(i / BITS);
    const bit = BITS - 1 - (i % BITS);
    const before = bit === BITS - 1 ? 0 : bit + 1;
    return Buffer.concat([segment(0xda, Buffer.of(1, 1, 0, band, band, before * 16 + bit)), empty]);
  });
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xdb, Buffer.of(0, ...Array<number>(64).fill(1))),
    segment(0xc2, size),
    huffmanTable(0x00, 0),
    huffmanTable(0x10, END_OF_BAND_RUN),
    segment(0xda, Buffer.of(1, 1, 0, 0, 0, 0)),
    means,
    ...passes,
    Buffer.of(0xff, 0xd9),
  ]);
}

function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}
