import type { FileBytes } from '../container/bytes.js';
import { pngChunks } from '../container/png.js';
import type { Chromaticities } from './chromaticity.js';
import { byCodePoints, byGamma, type SignalledColour } from './signalled-colour.js';

/** The chunks that tell of colour, and how long each has to be (PNG 3rd edition, 11.3.2). */
const COLOUR_CHUNKS: Readonly<Record<string, number>> = { cICP: 4, sRGB: 1, cHRM: 32, gAMA: 4 };
const PARTS = 100_000;

/** What is told of colour without a profile, in the order of precedence (PNG 3rd edition, 4.3). */
export function signalledByPng(bytes: FileBytes, hasProfile: boolean): SignalledColour | null {
  const chunks = colourChunks(bytes);
  const [primaries = 0, transfer = 0, matrix, isFullRange] = chunks.get('cICP') ?? [];
  if (matrix === 0 && isFullRange === 1) {
    const colour = byCodePoints(primaries, transfer, 'cICP');
    // Rather by the profile than not at all.
    if (colour !== undefined && !(hasProfile && colour?.profile === null)) return colour;
  }
  if (hasProfile || chunks.has('sRGB')) return null;
  const gamma = chunks.get('gAMA');
  const points = chunks.get('cHRM');
  return byGamma(
    gamma === undefined ? null : gamma.readUInt32BE() / PARTS,
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
    [points.readUInt32BE(i * 8) / PARTS, points.readUInt32BE(i * 8 + 4) / PARTS] as const;
  return { white: point(0), red: point(1), green: point(2), blue: point(3) };
}
