import { findEntry, tiffNumber } from './exif-directory.js';

const GPS_INFO = 0x8825;

/** Whether the first directory of an EXIF block points to a non-empty GPS directory (EXIF 2.32 4.6.3). */
export function hasGps(exif: Buffer): boolean {
  const entry = findEntry(exif, GPS_INFO);
  return entry !== null && tiffNumber(entry.tiff, entry.value, 2) > 0;
}
