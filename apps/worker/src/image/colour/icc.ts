type Curve = (value: number) => number;

/** The fields of an ICC profile that the worker uses. */
export interface IccProfile {
  /** Colour space of the pixels that the profile applies to: `RGB`, `GRAY`, `CMYK`, … */
  space: string;
  name: string;
  /** The curve of a grey profile that leads to XYZ, for values from 0 to 1; null without a readable one. */
  greyToLinear: Curve | null;
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
  const tableEnd = TAG_TABLE + 4 + tags * TAG_BYTES;
  if (tags > MAX_TAGS || tableEnd > profile.length) return null;
  const space = profile.toString('latin1', 16, 20).trim();
  const isGrey = space === 'GRAY' && profile.toString('latin1', 20, 24) === 'XYZ ';
  let name = '';
  let greyToLinear: IccProfile['greyToLinear'] = null;
  for (let at = TAG_TABLE + 4; at < tableEnd; at += TAG_BYTES) {
    const start = profile.readUInt32BE(at + 4);
    const end = start + profile.readUInt32BE(at + 8);
    if (end > profile.length) return null;
    const tag = profile.toString('latin1', at, at + 4);
    if (tag === 'desc') name ||= readName(profile.subarray(start));
    if (tag === 'kTRC' && isGrey) greyToLinear ??= readCurve(profile.subarray(start, end));
  }
  return { space, name, greyToLinear };
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

/** Parameters that each type of a parametric curve stores. */
const PARAMETERS = [1, 3, 4, 5, 7];

/** A curve (ICC.1:2022 10.6) or a parametric curve (10.18), or null. */
function readCurve(tag: Buffer): Curve | null {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv' && tag.length >= 12) {
    const points = tag.readUInt32BE(8);
    return points > (tag.length - 12) / 2 ? null : interpolated(points, (i) => tag.readUInt16BE(12 + i * 2));
  }
  const kind = type === 'para' && tag.length >= 12 ? tag.readUInt16BE(8) : -1;
  const count = PARAMETERS[kind];
  if (count === undefined || tag.length < 12 + count * 4) return null;
  return parametric(
    kind,
    Array.from({ length: count }, (_, i) => tag.readInt32BE(12 + i * 4) / 65_536),
  );
}

function interpolated(points: number, point: (i: number) => number): Curve {
  if (points === 0) return (value) => value;
  if (points === 1) return (value) => value ** (point(0) / 256);
  return (value) => {
    const at = Math.min(Math.floor(value * (points - 1)), points - 2);
    return (point(at) + (value * (points - 1) - at) * (point(at + 1) - point(at))) / 65_535;
  };
}

function parametric(kind: number, [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0]: number[]): Curve {
  // Types 1 and 2 are constant below the zero of a·x + b.
  const isConstant = kind === 1 || kind === 2;
  const offset = kind === 2 ? c : e;
  const [start, slope, constant] = isConstant ? [-b / a, 0, offset] : [d, c, f];
  return (x) => (x >= start ? (a * x + b) ** g + offset : slope * x + constant);
}

function decodeText(tag: Buffer, start: number, length: number, encoding: string): string {
  const bytes = tag.subarray(start, start + Math.max(0, Math.min(length, MAX_NAME_BYTES)));
  return new TextDecoder(encoding).decode(bytes);
}
