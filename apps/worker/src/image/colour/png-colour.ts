import type { FileBytes } from '../container/bytes.js';
import { pngChunks } from '../container/png.js';
import type { Chromaticities } from './chromaticity.js';
import { fromCodePoints, fromGamma, type SignalledColour } from './signalled-colour.js';

/** The colour chunks and their required lengths (PNG 3rd edition, 11.3.2). */
const COLOUR_CHUNKS: Readonly<Record<string, number>> = { cICP: 4, sRGB: 1, cHRM: 32, gAMA: 4 };
const SCALE = 100_000;

/** The colour that a PNG signals without an ICC profile, by precedence (PNG 3rd edition, 4.3); null means profile or sRGB. */
export function readPngColour(bytes: FileBytes, hasProfile: boolean): SignalledColour | null {
  const chunks = colourChunks(bytes);
  const [primaries = 0, transfer = 0, matrix, isFullRange] = chunks.get('cICP') ?? [];
  if (matrix === 0 && isFullRange === 1) {
    const colour = fromCodePoints(primaries, transfer, 'cICP');
    // An ICC profile that can be applied beats HDR code points that cannot.
    if (colour !== undefined && !(hasProfile && colour?.profile === null)) return colour;
  }
  if (hasProfile || chunks.has('sRGB')) return null;
  const gamma = chunks.get('gAMA');
  const points = chunks.get('cHRM');
  return fromGamma(
    gamma === undefined ? null : gamma.readUInt32BE() / SCALE,
    points === undefined ? null : chromaticities(points),
  );
}

function colourChunks(bytes: FileBytes): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (const { type, start, length } of pngChunks(bytes)) {
    if (type === 'IDAT') break;
    if (COLOUR_CHUNKS[type] === length) chunks.set(type, bytes.slice(start, length));
  }
  return chunks;
}

function chromaticities(points: Buffer): Chromaticities {
  const point = (i: number) =>
    [points.readUInt32BE(i * 8) / SCALE, points.readUInt32BE(i * 8 + 4) / SCALE] as const;
  return { white: point(0), red: point(1), green: point(2), blue: point(3) };
}
