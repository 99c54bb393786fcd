const GPS_INFO = 0x8825;
const ENTRY_BYTES = 12;

/**
 * Whether the first directory of an EXIF block points to a non-empty GPS directory (EXIF 2.32 4.6.3; TIFF 6.0, 2). It
 * does not read values: 64 KiB can hold 5,000 entries that each claim the whole block.
 */
export function hasGps(exif: Buffer): boolean {
  const tiff = exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const number = (at: number, bytes: 2 | 4): number => {
    if (at + bytes > tiff.length) return 0;
    return isLittle ? tiff.readUIntLE(at, bytes) : tiff.readUIntBE(at, bytes);
  };
  const directory = number(4, 4);
  for (let entry = 0; entry < number(directory, 2); entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (number(at, 2) === GPS_INFO) return number(number(at + 8, 4), 2) > 0;
  }
  return false;
}
