/** Of an EXIF directory: tag, type, count, and the value or where it stands (TIFF 6.0, 2). */
export type ExifEntry = readonly [tag: number, type: number, count: number, value: number];

/** A TIFF block of one directory, as EXIF is, with what its entries point to behind it. */
export function makeExif(entries: readonly ExifEntry[], behind: Buffer = Buffer.alloc(0)): Buffer {
  const block = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  block.write('II*\0', 0, 'latin1');
  block.writeUInt32LE(8, 4);
  block.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + i * 12;
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(type, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
  }
  return Buffer.concat([block, behind]);
}

/** As a JPEG has it, in its APP1. */
export const exifSegment = (exif: Buffer) => Buffer.concat([Buffer.from('Exif\0\0'), exif]);
