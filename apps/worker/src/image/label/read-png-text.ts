import { inflateSync } from 'node:zlib';
import type { FileBytes } from '../container/bytes.js';
import { pngChunks } from '../container/png.js';

/** Most bytes of all texts with one keyword, before and after they are inflated. Two keywords are read: 1 MiB in total. */
const MAX_TEXT_BYTES = 512 * 1024;

/** The texts with a keyword in any text chunk (PNG 11.3.3); null for a text that cannot be inflated within the limit. */
export function* pngTexts(bytes: FileBytes, keyword: string): Generator<Buffer | null> {
  const start = `${keyword}\0`;
  let remaining = MAX_TEXT_BYTES;
  for (const chunk of pngChunks(bytes)) {
    const layout = LAYOUTS[chunk.type];
    // A shorter chunk could match only with the bytes that follow it.
    if (layout === undefined || chunk.length < start.length) continue;
    if (bytes.text(chunk.start, start.length) !== start) continue;
    if (chunk.length > remaining) {
      yield null;
      continue;
    }
    const text = layout(bytes.slice(chunk.start + start.length, chunk.length - start.length), remaining);
    remaining -= Math.max(chunk.length, text?.length ?? remaining);
    yield text;
  }
}

/** The text after the keyword. */
const LAYOUTS: Readonly<Record<string, (data: Buffer, max: number) => Buffer | null>> = {
  tEXt: (data) => data,
  // The compression method comes first.
  zTXt: (data, max) => inflated(data.subarray(1), max),
  // Compression flag and method, language and translated keyword come first.
  iTXt(data, max) {
    const language = data.indexOf(0, 2);
    const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
    if (translated === -1) return null;
    const text = data.subarray(translated + 1);
    return data[0] === 0 ? text : inflated(text, max);
  },
};

function inflated(data: Buffer, max: number): Buffer | null {
  if (max === 0) return null;
  try {
    return inflateSync(data, { maxOutputLength: max });
  } catch {
    // Damaged, or a bomb.
    return null;
  }
}
