/** An entry of an EXIF directory: tag, type, count, and the value or its offset (TIFF 6.0, 2). */
export type ExifEntry = readonly [tag: number, type: number, count: number, value: number];

/** Makes an EXIF block (TIFF) of one directory. `data` follows it, for entries with an offset. */
export function makeExif(entries: readonly ExifEntry[], data: Buffer = Buffer.alloc(0)): Buffer {
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
  return Buffer.concat([block, data]);
}

/** The payload of the APP1 segment of a JPEG. */
export const exifSegment = (exif: Buffer) => Buffer.concat([Buffer.from('Exif\0\0'), exif]);
