/** What matters here of an ICC profile. */
export interface IccProfile {
  /** `RGB`, `GRAY`, `CMYK`, …: of the pixels that it is for. */
  space: string;
  name: string;
}

const TAG_TABLE = 128;
const TAG_BYTES = 12;
/** lcms takes no more (cmsGetTagCount and MAX_TABLE_TAG). */
const MOST_TAGS = 100;
const MOST_NAME_BYTES = 256;

/**
 * Reads a profile's header and description (ICC.1:2022 7.2, 9.2.41, 10.15; ICC.1:2001-04 6.5.17); null for one that nobody could
 * convert by. All of it may lie: nothing is read in proportion to what it claims.
 */
export function readIcc(profile: Buffer): IccProfile | null {
  if (profile.length < TAG_TABLE + 4 || profile.readUInt32BE(0) !== profile.length) return null;
  if (profile.toString('latin1', 36, 40) !== 'acsp') return null;
  const tags = profile.readUInt32BE(TAG_TABLE);
  const end = TAG_TABLE + 4 + tags * TAG_BYTES;
  if (tags > MOST_TAGS || end > profile.length) return null;
  const space = profile.toString('latin1', 16, 20).trim();
  for (let at = TAG_TABLE + 4; at < end; at += TAG_BYTES)
    if (profile.toString('latin1', at, at + 4) === 'desc')
      return { space, name: nameOf(profile.subarray(profile.readUInt32BE(at + 4))) };
  return { space, name: '' };
}

function nameOf(tag: Buffer): string {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc' && tag.length >= 12) return textOf(tag, 12, tag.readUInt32BE(8) - 1, 'utf-8');
  // The first of its languages.
  if (type === 'mluc' && tag.length >= 28 && tag.readUInt32BE(8) > 0)
    return textOf(tag, tag.readUInt32BE(24), tag.readUInt32BE(20), 'utf-16be');
  return '';
}

function textOf(tag: Buffer, start: number, length: number, encoding: string): string {
  const bytes = tag.subarray(start, start + Math.max(0, Math.min(length, MOST_NAME_BYTES)));
  return new TextDecoder(encoding).decode(bytes);
}
