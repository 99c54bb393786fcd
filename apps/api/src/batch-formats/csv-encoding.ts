import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { decodeText, openEncodingDetector, type TextEncoding } from './text-encoding.js';

// RFC 4180 makes US-ASCII the default, so clients send it whatever the encoding is.
const DEFAULT_CHARSETS = ['ascii', 'us-ascii'];

/**
 * The encoding in a Content-Type; null if it names none.
 * @throws PixdockError unsupported_media_type for other encodings
 */
export function givenEncoding(contentType: string): TextEncoding | null {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset === undefined || DEFAULT_CHARSETS.includes(charset)) return null;
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

/**
 * Decodes rows whose cells have one character per byte. The encoding is UTF-8 until it is detected. In both encodings, no byte
 * of a longer character is a quote, a delimiter or a line end, so rows and cells are split before decoding.
 * @param head the beginning of the file, which may end within a line
 * @param given the encoding, if the request names one
 */
export function openRowDecoder(head: Buffer, given: TextEncoding | null) {
  const detector = openEncodingDetector();
  if (given === null) for (const line of wholeLines(head)) detector.add(line);
  let encoding = given ?? detector.encoding();
  /** Decodes the cells of a row; null if its bytes are invalid in the encoding of the file. */
  const decode = (cells: string[]): string[] | null => {
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
  return { decode, encoding: (): TextEncoding => encoding ?? 'utf-8' };
}

export type RowDecoder = ReturnType<typeof openRowDecoder>;

/** Lines with other characters than ASCII that are enough to detect the encoding. */
const MAX_LINES = 500;

function wholeLines(head: Buffer): Buffer[] {
  const lines = head.toString('latin1').split(/[\r\n]+/);
  // The last line may be incomplete. If there is only one, it lacks at most a part of a character.
  if (lines.length > 1) lines.pop();
  const significant = lines.filter((line) => NOT_ASCII.test(line)).slice(0, MAX_LINES);
  return significant.map((line) => Buffer.from(line, 'latin1'));
}
