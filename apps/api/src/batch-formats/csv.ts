import { PREVIEW_CHARACTERS, PREVIEW_ROWS, type SheetPreview } from '@pixdock/contract/sheet/preview';
import { splitHeader } from '@pixdock/contract/sheet/report-columns';
import { invalid } from '../http/invalid.js';
import { MAX_COLUMNS, type Mapping } from './csv-columns.js';
import { givenEncoding, openRowDecoder, type RowDecoder } from './csv-encoding.js';
import { type CsvRow, csvRows, delimiterOf, isBlank } from './csv-rows.js';
import type { Cells } from './csv-splitter.js';
import { openSheetColumns, type RowNumbers } from './sheet-columns.js';
import type { TextEncoding } from './text-encoding.js';
import { type OpenedItems, rowFault, TOO_LONG_ROW, type UncheckedItem } from './unchecked-item.js';

/** The delimiter and the encoding are detected in this much of the file. */
const HEAD_BYTES = 64 * 1024;
/** A header row and rows without the line breaks between them. */
const LINE_WITH_URLS = /^(?!https?:)[^\r\n]+https?:\/\/[^\r\n]*$/i;

/**
 * Reads the header row of a CSV body, and its rows lazily: UTF-8 or GB18030, with commas, semicolons or tabs. A byte order
 * mark takes precedence over the encoding in Content-Type, which takes precedence over detection.
 * @throws PixdockError invalid_request if the body is not CSV or has no column of URLs
 */
export async function openCsv(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  mapping: Mapping,
): Promise<OpenedItems> {
  const opened = await openSheet(chunks, contentType);
  const { header, columns, position, isReport, csv, decoder, delimiter } = opened;
  const sheet = openSheetColumns(columns, mapping);

  async function* items(): AsyncGenerator<UncheckedItem> {
    for await (const { row, line, cells } of csv) yield* itemsOf({ row, line }, cells);
  }

  function itemsOf(at: RowNumbers, raw: Cells): UncheckedItem[] {
    if (raw === null) return [sheet.faultyRow(at, TOO_LONG_ROW)];
    const decoded = decoder.decode(raw.slice(0, header.length));
    if (decoded === null) return [sheet.faultyRow(at, NOT_TEXT)];
    const cells = decoded.slice(0, columns.length);
    const fault = isBlank(raw.slice(header.length)) ? null : tooManyCells(raw.length, header.length);
    return sheet.itemsOf(at, cells, { fault, position: position === null ? undefined : decoded[position] });
  }

  const facts = () => ({ encoding: decoder.encoding(), delimiter });
  return { columns, isReport, items: items(), warnings: sheet.warnings, facts };
}

/**
 * The header row and the first rows of a CSV body, as `openCsv` reads them.
 * @throws PixdockError invalid_request if the body is not CSV
 */
export async function previewCsv(chunks: AsyncIterable<Buffer>, contentType: string): Promise<SheetPreview> {
  const { columns, isReport, csv, decoder } = await openSheet(chunks, contentType);
  const rows: SheetPreview['rows'] = [];
  let characters = 0;
  for await (const { row, cells } of csv) {
    const decoded = decoder.decode((cells ?? []).slice(0, columns.length)) ?? [];
    rows.push({ row, cells: trimmed(decoded), pictures: [] });
    characters += decoded.join('').length;
    if (rows.length === PREVIEW_ROWS || characters > PREVIEW_CHARACTERS) break;
  }
  return { encoding: decoder.encoding(), sheets: [], sheet: null, columns: trimmed(columns), rows, isReport };
}

const trimmed = (cells: readonly string[]) => cells.map((cell) => cell.trim());

async function openSheet(chunks: AsyncIterable<Buffer>, contentType: string) {
  const rest = chunks[Symbol.asyncIterator]();
  const read = await readHead(rest);
  const head = withoutByteOrderMark(read);
  if (LINE_WITH_URLS.test(head.toString('latin1'))) throw invalid('csv-one-line');
  const given = head === read ? givenEncoding(contentType) : 'utf-8';
  const decoder = openRowDecoder(head, given);
  const delimiter = delimiterOf(head);
  const csv = csvRows(head, { [Symbol.asyncIterator]: () => rest }, delimiter);
  const header = await readHeader(csv, decoder, given);
  // `columns` lacks those that a report has added; `position` is one of these.
  const { own: columns, position, isReport } = splitHeader(header);
  return { header, columns, position, isReport, csv, decoder, delimiter };
}

/** The names in the first row that is not blank. */
async function readHeader(
  rows: AsyncGenerator<CsvRow>,
  decoder: RowDecoder,
  given: TextEncoding | null,
): Promise<string[]> {
  const { done, value } = await rows.next();
  if (done === true) throw invalid('batch-empty');
  if (value.cells === null) throw NO_HEADER();
  const { cells } = value;
  if (cells.length > MAX_COLUMNS) throw TOO_MANY_COLUMNS(cells.length);
  const names = decoder.decode(cells);
  if (names === null) throw given === null ? NO_HEADER() : OTHER_CHARSET(given);
  return names;
}

async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const head: Buffer[] = [];
  let bytes = 0;
  while (bytes < HEAD_BYTES) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head.push(value);
    bytes += value.length;
  }
  return Buffer.concat(head);
}

function withoutByteOrderMark(head: Buffer): Buffer {
  const mark = head.subarray(0, 3).toString('hex');
  if (mark.startsWith('fffe') || mark.startsWith('feff')) throw UTF16();
  return mark === 'efbbbf' ? head.subarray(3) : head;
}

const NOT_TEXT = rowFault(null, 'row-not-decodable', {});
const tooManyCells = (cells: number, columns: number) =>
  rowFault(null, 'row-too-many-cells', { cells, columns });
const NO_HEADER = () => invalid('csv-without-header');
const OTHER_CHARSET = (charset: TextEncoding) => invalid('csv-other-charset', { charset });
const TOO_MANY_COLUMNS = (columns: number) => invalid('csv-too-many-columns', { columns, max: MAX_COLUMNS });
const UTF16 = () => invalid('csv-utf16');
