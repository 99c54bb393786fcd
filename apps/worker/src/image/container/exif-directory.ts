interface ExifEntry {
  /** The block from its byte order mark, to which offsets refer. */
  tiff: Buffer;
  type: number;
  count: number;
  /** The value or its offset, and the position of that number. */
  value: number;
  valueAt: number;
}

const ENTRY_BYTES = 12;

/**
 * The entry with a tag in the first directory of an EXIF block (EXIF 2.32 4.6.3; TIFF 6.0, 2). It reads no values: 64 KiB
 * can hold 5,000 entries that each claim the whole block.
 */
export function findEntry(exif: Buffer, tag: number): ExifEntry | null {
  const tiff = tiffOf(exif);
  const directory = tiffNumber(tiff, 4, 4);
  for (let entry = 0; entry < tiffNumber(tiff, directory, 2); entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (tiffNumber(tiff, at, 2) !== tag) continue;
    const valueAt = at + 8;
    const [type, count] = [tiffNumber(tiff, at + 2, 2), tiffNumber(tiff, at + 4, 4)];
    return { tiff, type, count, value: tiffNumber(tiff, valueAt, 4), valueAt };
  }
  return null;
}

const tiffOf = (exif: Buffer) => (exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif);

/** Zero past the end. */
export function tiffNumber(tiff: Buffer, at: number, bytes: 2 | 4): number {
  if (at + bytes > tiff.length) return 0;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  return isLittle ? tiff.readUIntLE(at, bytes) : tiff.readUIntBE(at, bytes);
}
