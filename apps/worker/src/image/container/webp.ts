import type { FileBytes } from './bytes.js';

interface WebpChunk {
  type: string;
  /** Position of the data. */
  start: number;
  length: number;
}

/** Bytes of an ANMF chunk before the chunks of its frame (RFC 9649 2.7.1.1). */
const FRAME_HEADER_BYTES = 16;

/** The image chunks of a WebP, VP8 or VP8L, of all frames (RFC 9649 2.3). */
export function* webpImages(bytes: FileBytes): Generator<WebpChunk> {
  for (const chunk of chunksIn(bytes, 12, bytes.size)) {
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
    const length = bytes.slice(at + 4, 4).readUInt32LE();
    yield { type: bytes.text(at, 4), start: at + 8, length };
    at += 8 + length + (length % 2);
  }
}
