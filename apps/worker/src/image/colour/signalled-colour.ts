import { type Chromaticities, toXyz } from './chromaticity.js';
import { makeRgbProfile } from './rgb-profile.js';

/** A colour space that a file signals without an ICC profile, or with one that sharp does not apply. */
export interface SignalledColour {
  name: string;
  /** Null for HDR, which a matrix/TRC profile cannot convert. */
  profile: Buffer | null;
}

const D65 = [0.3127, 0.329] as const;
const BT709: Chromaticities = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };
const BT2020: Chromaticities = {
  white: D65,
  red: [0.708, 0.292],
  green: [0.17, 0.797],
  blue: [0.131, 0.046],
};
const P3 = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] } as const;

const UNSPECIFIED = 2;
/** ITU-T H.273 8.1. */
const PRIMARIES: Readonly<Record<number, [string, Chromaticities]>> = {
  1: ['BT.709', BT709],
  [UNSPECIFIED]: ['BT.709', BT709],
  9: ['BT.2020', BT2020],
  11: ['DCI-P3', { white: [0.314, 0.351], ...P3 }],
  12: ['Display P3', { white: D65, ...P3 }],
};

interface Curve {
  name: string;
  toLinear: (value: number) => number;
}
const SRGB: Curve = {
  name: '',
  toLinear: (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4),
};
const LINEAR: Curve = { name: ' linear', toLinear: (value) => value };
const gamma = (power: number): Curve => ({
  name: ` gamma ${power.toFixed(2)}`,
  toLinear: (value) => value ** power,
});

/** ITU-T H.273 8.2. Browsers render the television curves (1, 6, 14, 15) like sRGB. */
const TRANSFERS: Readonly<Record<number, Curve>> = {
  1: SRGB,
  [UNSPECIFIED]: SRGB,
  4: gamma(2.2),
  5: gamma(2.8),
  6: SRGB,
  8: LINEAR,
  13: SRGB,
  14: SRGB,
  15: SRGB,
};
const HDR: Readonly<Record<number, string>> = { 16: 'BT.2100 PQ', 18: 'BT.2100 HLG' };

/** Interprets H.273 code points: null for sRGB, undefined for unsupported ones. */
export function fromCodePoints(
  primaries: number,
  transfer: number,
  where: 'cICP' | 'nclx' | 'AV1',
): SignalledColour | null | undefined {
  const hdr = HDR[transfer];
  if (hdr !== undefined) return { name: hdr, profile: null };
  const [name, chromaticities] = PRIMARIES[primaries] ?? [];
  const curve = TRANSFERS[transfer];
  if (chromaticities === undefined || curve === undefined) return undefined;
  if (chromaticities === BT709 && curve === SRGB) return null;
  return makeSignalledColour(`${name}${curve.name} (${where})`, chromaticities, curve);
}

/** sRGB's gamma in gAMA; libpng also treats values within 5 % as equal. */
const SRGB_GAMMA = 1 / 2.2;
const isSrgbGamma = (value: number) => Math.abs(value / SRGB_GAMMA - 1) < 0.05;
/** Values outside this range leave an image black or white. */
const isUsableGamma = (value: number) => value > 0.1 && value < 10;

/** Interprets PNG's gAMA and cHRM, null for a missing chunk. */
export function fromGamma(
  encoding: number | null,
  chromaticities: Chromaticities | null,
): SignalledColour | null {
  const isGiven = encoding !== null && isUsableGamma(encoding);
  const isWide = chromaticities !== null && !isClose(chromaticities, BT709);
  if (!isWide && (!isGiven || isSrgbGamma(encoding))) return null;
  const curve = isGiven ? gamma(1 / encoding) : SRGB;
  return makeSignalledColour(
    `${isWide ? 'cHRM' : 'gAMA'}${curve.name}`,
    isWide ? chromaticities : BT709,
    curve,
  );
}

/** Allows for encoders that round differently. */
const isClose = (a: Chromaticities, b: Chromaticities) =>
  (['white', 'red', 'green', 'blue'] as const).every(
    (point) => Math.abs(a[point][0] - b[point][0]) < 0.01 && Math.abs(a[point][1] - b[point][1]) < 0.01,
  );

/** Replaces a grey profile by one for RGB with the same curve. */
export const fromGreyCurve = (name: string, toLinear: Curve['toLinear']): SignalledColour | null =>
  makeSignalledColour(name, BT709, { name: '', toLinear });

function makeSignalledColour(
  name: string,
  chromaticities: Chromaticities,
  { toLinear }: Curve,
): SignalledColour | null {
  const matrix = toXyz(chromaticities);
  return matrix === null ? null : { name, profile: makeRgbProfile({ name, matrix, toLinear }) };
}
