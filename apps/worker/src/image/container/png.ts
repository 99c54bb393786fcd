import type { FileBytes } from './bytes.js';

interface Chunk {
  type: string;
  /** Position of the data. */
  start: number;
  length: number;
}

/** The frames of an animated PNG, or 1 (PNG 3rd edition, 11.3.6): one frame control chunk each. */
export function countFrames(bytes: FileBytes): number {
  let isAnimated = false;
  let frames = 0;
  for (const { type } of pngChunks(bytes)) {
    if (type === 'IDAT' && !isAnimated) return 1;
    isAnimated ||= type === 'acTL';
    if (type === 'fcTL') frames++;
  }
  return isAnimated ? Math.max(1, frames) : 1;
}

const TEXT_CHUNKS: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);
export const isTextChunk = ({ type }: Chunk) => TEXT_CHUNKS.has(type);

/** The file without its text chunks, which libpng would inflate up to 8 MiB each; null if it has none. */
export function withoutTexts(bytes: FileBytes): Buffer | null {
  const parts: Buffer[] = [];
  let from = 0;
  for (const chunk of pngChunks(bytes)) {
    if (!isTextChunk(chunk)) continue;
    const end = chunk.start - 8;
    if (end > from) parts.push(bytes.slice(from, end - from));
    from = chunk.start + chunk.length + 4;
  }
  if (from === 0) return null;
  parts.push(bytes.slice(from, bytes.size - from));
  return Buffer.concat(parts);
}

/** The complete chunks up to IEND (PNG 5.3: length, type, data, CRC). */
export function* pngChunks(bytes: FileBytes): Generator<Chunk> {
  for (let at = 8; at < bytes.size; ) {
    const length = bytes.number(at, 4);
    const end = at + 12 + length;
    if (!(end <= bytes.size)) return;
    const type = bytes.text(at + 4, 4);
    yield { type, start: at + 8, length };
    if (type === 'IEND') return;
    at = end;
  }
}
