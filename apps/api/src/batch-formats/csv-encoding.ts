import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { decodeText, openEncodingDetector, type TextEncoding } from './text-encoding.js';

// RFC 4180 has US-ASCII where nothing is said.
const SAYS_NOTHING = ['ascii', 'us-ascii'];

/**
 * The encoding that a Content-Type gives; null where it gives none.
 * @throws PixdockError unsupported_media_type for one that is not read
 */
export function givenEncoding(contentType: string): TextEncoding | null {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset === undefined || SAYS_NOTHING.includes(charset)) return null;
  const name = canonicalName(charset);
  if (name === 'utf-8') return 'utf-8';
  if (name === 'gb18030' || name === 'gbk') return 'gb18030';
  throw new PixdockError('unsupported_media_type', detailOf('csv-charset'));
}

function canonicalName(charset: string): string | null {
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return null;
  }
}

const NOT_ASCII = /[\x80-\xff]/;

/** Cells of a row as text; null when its bytes are no text in the encoding of the file. */
export type RowDecoder = (cells: string[]) => string[] | null;

/**
 * Decodes rows whose cells have one character for each byte. As long as nothing tells the encoding, it is UTF-8. No byte of a
 * longer character of either encoding is a quote, a delimiter or a line end, which is why rows and cells can be told apart
 * before this.
 * @param head the beginning of the file, which may end within a line
 * @param given the encoding, where it was said
 */
export function openRowDecoder(head: Buffer, given: TextEncoding | null): RowDecoder {
  const detector = openEncodingDetector();
  if (given === null) for (const line of wholeLines(head)) detector.add(line);
  let encoding = given ?? detector.encoding();
  return (cells) => {
    if (!cells.some((cell) => NOT_ASCII.test(cell))) return cells;
    if (encoding === null) {
      detector.add(Buffer.from(cells.join(), 'latin1'));
      encoding = detector.encoding();
    }
    const decoded: string[] = [];
    for (const cell of cells) {
      const text = NOT_ASCII.test(cell) ? decodeText(Buffer.from(cell, 'latin1'), encoding ?? 'utf-8') : cell;
      if (text === null) return null;
      decoded.push(text);
    }
    return decoded;
  };
}

/** So many lines that are not ASCII tell the encoding; more of them would only take time. */
const MAX_LINES = 500;

function wholeLines(head: Buffer): Buffer[] {
  const lines = head.toString('latin1').split(/[\r\n]+/);
  // The last may be cut; where it is the only one, what is cut is no more than a character.
  if (lines.length > 1) lines.pop();
  const telling = lines.filter((line) => NOT_ASCII.test(line)).slice(0, MAX_LINES);
  return telling.map((line) => Buffer.from(line, 'latin1'));
}
