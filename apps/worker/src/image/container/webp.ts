import type { FileBytes } from './bytes.js';

interface WebpChunk {
  type: string;
  /** Position of the data. */
  start: number;
  length: number;
}

const FILE_HEADER_BYTES = 12;
/** Bytes of an ANMF chunk before the chunks of its frame (RFC 9649 2.7.1.1). */
const FRAME_HEADER_BYTES = 16;

/** The chunks of a WebP (RFC 9649 2.3). */
export function webpChunks(bytes: FileBytes): Generator<WebpChunk> {
  return chunksIn(bytes, FILE_HEADER_BYTES, Math.min(bytes.size, endOfRiff(bytes)));
}

/** The end of the file as its header states it (RFC 9649 2.4). Browsers ignore bytes behind it. */
export const endOfRiff = (bytes: FileBytes) => littleEndian(bytes, 4) + 8;

function littleEndian(bytes: FileBytes, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((place) => bytes.at(at + place));
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}

/** The image chunks of a WebP, VP8 or VP8L, of all frames. */
export function* webpImages(bytes: FileBytes): Generator<WebpChunk> {
  for (const chunk of webpChunks(bytes)) {
    const { type, start, length } = chunk;
    if (type === 'ANMF') yield* imagesIn(bytes, start + FRAME_HEADER_BYTES, start + length);
    else if (isImage(type)) yield chunk;
  }
}

function* imagesIn(bytes: FileBytes, start: number, end: number): Generator<WebpChunk> {
  for (const chunk of chunksIn(bytes, start, end)) if (isImage(chunk.type)) yield chunk;
}

const isImage = (type: string) => type === 'VP8 ' || type === 'VP8L';

function* chunksIn(bytes: FileBytes, start: number, end: number): Generator<WebpChunk> {
  for (let at = start; at + 8 <= end; ) {
    const length = littleEndian(bytes, at + 4);
    yield { type: bytes.text(at, 4), start: at + 8, length };
    at += 8 + length + (length % 2);
  }
}
