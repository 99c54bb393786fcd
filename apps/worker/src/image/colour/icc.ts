/** The fields of an ICC profile that the worker uses. */
export interface IccProfile {
  /** Colour space of the pixels that the profile applies to: `RGB`, `GRAY`, `CMYK`, … */
  space: string;
  name: string;
}

const ILLUMINANT = 68;
const D50 = [0.9642, 1, 0.8249];
const TAG_TABLE = 128;
const TAG_BYTES = 12;
/** The limit of lcms (MAX_TABLE_TAG). */
const MAX_TAGS = 100;
const MAX_NAME_BYTES = 256;

/**
 * Reads a profile's header and description (ICC.1:2022 7.2, 9.2.41, 10.15; ICC.1:2001-04 6.5.17); null if it is unusable.
 * The profile may be hostile, so the work does not grow with the counts and lengths that it claims.
 */
export function readIcc(profile: Buffer): IccProfile | null {
  if (profile.length < TAG_TABLE + 4 || profile.readUInt32BE(0) > profile.length) return null;
  if (profile.toString('latin1', 36, 40) !== 'acsp' || !hasD50(profile)) return null;
  const tags = profile.readUInt32BE(TAG_TABLE);
  const end = TAG_TABLE + 4 + tags * TAG_BYTES;
  if (tags > MAX_TAGS || end > profile.length) return null;
  const space = profile.toString('latin1', 16, 20).trim();
  let name = '';
  for (let at = TAG_TABLE + 4; at < end; at += TAG_BYTES) {
    const start = profile.readUInt32BE(at + 4);
    if (start + profile.readUInt32BE(at + 8) > profile.length) return null;
    if (profile.toString('latin1', at, at + 4) === 'desc') name ||= readName(profile.subarray(start));
  }
  return { space, name };
}

// Browsers refuse a profile with another illuminant (ICC.1:2022 7.2.16); lcms applies it.
function hasD50(profile: Buffer): boolean {
  return D50.every((value, i) => Math.abs(profile.readInt32BE(ILLUMINANT + i * 4) / 65_536 - value) < 0.01);
}

function readName(tag: Buffer): string {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc' && tag.length >= 12) return decodeText(tag, 12, tag.readUInt32BE(8) - 1, 'utf-8');
  // The first language.
  if (type === 'mluc' && tag.length >= 28 && tag.readUInt32BE(8) > 0)
    return decodeText(tag, tag.readUInt32BE(24), tag.readUInt32BE(20), 'utf-16be');
  return '';
}

function decodeText(tag: Buffer, start: number, length: number, encoding: string): string {
  const bytes = tag.subarray(start, start + Math.max(0, Math.min(length, MAX_NAME_BYTES)));
  return new TextDecoder(encoding).decode(bytes);
}
