import { splitCsv } from './split-csv.js';

/** The headers and the first rows are in this much of a sheet: fifty rows of a supplier's sheet take far less. */
export const SHEET_HEAD_BYTES = 1024 * 1024;
const ROWS = 50;

/** The beginning of a sheet. */
export interface SheetHead {
  encoding: 'UTF-8' | 'GB18030';
  headers: string[];
  /** The first rows, 50 at most. */
  rows: string[][];
  /** The number of each row, as a spreadsheet shows it. */
  rowNumbers: number[];
  /** Bytes up to the end of the last of these rows. */
  length: number;
}

/**
 * Reads the headers and the first rows of a CSV file in UTF-8 or GB18030.
 * @param bytes the first `SHEET_HEAD_BYTES` of the file
 * @param isWhole whether the file has no more bytes
 */
export function readSheetHead(bytes: Uint8Array, isWhole: boolean): SheetHead {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const raw = splitCsv(latin1(bytes.subarray(mark)), isWhole, ROWS + 1);
  const length = mark + (raw.at(-1)?.end ?? 0);
  const encoding = encodingOf(bytes.subarray(0, length));
  const decoder = new TextDecoder(encoding);
  const [headers = [], ...rows] = raw.map(({ cells }) =>
    cells.map((cell) => decoder.decode(bytesOf(cell)).trim()),
  );
  return { encoding, headers, rows, rowNumbers: raw.slice(1).map(({ row }) => row), length };
}

/** One character per byte; `TextDecoder('latin1')` would decode windows-1252. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function encodingOf(bytes: Uint8Array): SheetHead['encoding'] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'UTF-8';
  } catch {
    return 'GB18030';
  }
}
