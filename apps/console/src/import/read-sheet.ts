import { splitCsv } from './split-csv.js';

const PREVIEW_ROWS = 50;
/** Fifty rows of a supplier's sheet take far less. */
const HEAD_BYTES = 1024 * 1024;

/** The beginning of a sheet. */
export interface Sheet {
  encoding: 'UTF-8' | 'GB18030';
  headers: string[];
  rows: string[][];
  /** The number of each row, as a spreadsheet shows it. */
  rowNumbers: number[];
  /** The bytes up to the last row of the preview, for a dry run. */
  head: Blob;
}

/** Reads the headers and the first rows of a CSV file in UTF-8 or GB18030. */
export async function readSheet(file: File): Promise<Sheet> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const isWhole = file.size <= HEAD_BYTES;
  const raw = splitCsv(latin1(bytes.subarray(mark)), isWhole, PREVIEW_ROWS + 1);
  const end = mark + (raw.at(-1)?.end ?? 0);
  const encoding = encodingOf(bytes.subarray(0, end));
  const decoder = new TextDecoder(encoding);
  const [headers = [], ...rows] = raw.map(({ cells }) =>
    cells.map((cell) => decoder.decode(bytesOf(cell)).trim()),
  );
  const rowNumbers = raw.slice(1).map(({ row }) => row);
  return { encoding, headers, rows, rowNumbers, head: file.slice(0, end) };
}

/** One character per byte; `TextDecoder('latin1')` would decode windows-1252. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function encodingOf(bytes: Uint8Array): Sheet['encoding'] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'UTF-8';
  } catch {
    return 'GB18030';
  }
}
