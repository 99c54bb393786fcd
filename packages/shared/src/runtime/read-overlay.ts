import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { asError } from './as-error.js';
import type { SettingsReader } from './env.js';
import { describeFileError } from './messages/files.js';
import { say } from './messages/overlay.js';

/** The PNG files of overlays, by their SHA-256. */
export type Overlays = ReadonlyMap<string, Buffer>;

/** Workers copy it for each image that it is drawn on. */
const MAX_BYTES = 1024 * 1024;
/** Enough for a quarter of the widest AVIF; decoded, it takes 16 MB at most. */
const MAX_SIDE = 2048;
const LIMITS = { bytes: MAX_BYTES, side: MAX_SIDE };

/** Reads the PNG of an overlay. Returns null if it cannot be used, which `fault` then learns. */
export function readOverlay(
  { language }: Pick<SettingsReader, 'language'>,
  path: string,
  fault: (problem: string, fix: string) => void,
): { sha256: string; png: Buffer } | null {
  const fix = say(language, 'overlay.fix', LIMITS);
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) {
      fault(say(language, 'too-many-bytes', { path, bytes: size }), fix);
      return null;
    }
    const png = readFileSync(path);
    const sides = sizeOfPng(png);
    if (sides === null) fault(say(language, 'not-a-png', { path }), fix);
    else if (Math.max(sides.width, sides.height) > MAX_SIDE)
      fault(say(language, 'too-many-pixels', { path, ...sides }), fix);
    else return { sha256: createHash('sha256').update(png).digest('hex'), png };
  } catch (error) {
    const { reason, fix: fixOfFile } = describeFileError(asError(error));
    fault(say(language, 'unreadable', { path, reason: reason[language] }), fixOfFile[language]);
  }
  return null;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Of a chunk, its length, type and checksum (PNG, third edition, 5.3). */
const CHUNK_OVERHEAD = 12;

/** The size that a PNG declares; null for another file, and for one that is damaged or cut off. */
function sizeOfPng(png: Buffer): { width: number; height: number } | null {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null;
  for (let at = SIGNATURE.length; at + CHUNK_OVERHEAD <= png.length; ) {
    const end = at + CHUNK_OVERHEAD + png.readUInt32BE(at);
    if (end > png.length || crc32(png.subarray(at + 4, end - 4)) !== png.readUInt32BE(end - 4)) return null;
    if (png.toString('latin1', at + 4, at + 8) === 'IEND')
      return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
    at = end;
  }
  return null;
}
