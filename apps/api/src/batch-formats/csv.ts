import { printable } from '@pixdock/contract/messages/values';
import { PREVIEW_ROWS, type SheetPreview } from '@pixdock/contract/sheet/preview';
import { REPORT_COLUMNS, withoutReportColumns } from '@pixdock/contract/sheet/report-columns';
import { MAX_ROW_ITEMS } from '@pixdock/shared/state/manifest/stored';
import { invalid } from '../http/invalid.js';
import type { Warning } from '../http/warnings.js';
import { type Field, fieldsOf, type Mapping, misspelledColumns } from './csv-columns.js';
import { givenEncoding, openRowDecoder, type RowDecoder } from './csv-encoding.js';
import { type CsvRow, csvRows, isBlank } from './csv-rows.js';
import type { Cells } from './csv-splitter.js';
import { splitUrls } from './csv-urls.js';
import type { TextEncoding } from './text-encoding.js';
import { type Fault, rowFault, TOO_LONG_ROW, type UncheckedRow } from './unchecked-row.js';

/** The delimiter and the encoding are detected in this much of the file. */
const HEAD_BYTES = 64 * 1024;
/** A header row and rows without the line breaks between them. */
const LINE_WITH_URLS = /^(?!https?:)[^\r\n]+https?:\/\/[^\r\n]*$/i;
/** Shop systems write some hundreds. Each item has a cell for each column, and each line of the report also the names. */
const MAX_COLUMNS = 1000;
/** In JSON, a character takes up to six bytes. */
const MAX_PREVIEW_CHARACTERS = 512 * 1024;
/** The place of this column behind the caller's own in a report. */
const POSITION = REPORT_COLUMNS.indexOf('position');

interface CsvBody {
  /** The header row, without the columns that a report has added. */
  columns: string[];
  rows: AsyncIterable<UncheckedRow>;
  warnings: Warning[];
}

/**
 * Reads the header row of a CSV body, and its rows lazily: UTF-8 or GB18030, with commas, semicolons or tabs. A byte order
 * mark takes precedence over the encoding in Content-Type, which takes precedence over detection.
 * @throws PixdockError invalid_request if the body is not CSV or has no column of URLs
 */
export async function openCsv(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  mapping: Mapping,
): Promise<CsvBody> {
  const { header, columns, csv, decoder } = await openSheet(chunks, contentType);
  const fields = fieldsOf(columns, mapping);

  const columnsWithField = [...fields.entries()].flatMap(([i, field]) =>
    field === null ? [] : [{ i, field }],
  );

  const columnOf = (field: string) => {
    const headers = columnsWithField.flatMap((one) => (one.field === field ? (columns[one.i] ?? []) : []));
    return headers.length === 0 ? undefined : headers.join(' / ');
  };

  async function* rows(): AsyncGenerator<UncheckedRow> {
    for await (const { cells, ...at } of csv) yield* toUncheckedRows({ ...at, columnOf }, cells);
  }

  function toUncheckedRows(at: Pick<UncheckedRow, 'row' | 'line' | 'columnOf'>, raw: Cells): UncheckedRow[] {
    if (raw === null) return [{ ...at, cells: [], value: null, fault: TOO_LONG_ROW }];
    const decoded = decoder.decode(raw.slice(0, header.length));
    if (decoded === null) return [{ ...at, cells: [], value: null, fault: NOT_TEXT }];
    const cells = decoded.slice(0, columns.length);
    const position = decoded[columns.length + POSITION];
    const { fault, urls, value } = readRow(columnsWithField, cells);
    if (!isBlank(raw.slice(header.length)))
      return [{ ...at, cells, value, fault: tooManyCells(raw.length, header.length) }];
    if (urls.length === 0) return [{ ...at, cells, value, fault: NO_URL }];
    if (urls.length > MAX_ROW_ITEMS) return [{ ...at, cells, value, fault: TOO_MANY_URLS }];
    const submitted = urlsAt(urls, position);
    return submitted.map((url) => ({ ...at, cells, value: { ...value, url }, fault }));
  }

  return { columns, rows: rows(), warnings: misspelledColumns(columns, fields) };
}

/**
 * The header row and the first rows of a CSV body, as `openCsv` reads them.
 * @throws PixdockError invalid_request if the body is not CSV
 */
export async function previewCsv(chunks: AsyncIterable<Buffer>, contentType: string): Promise<SheetPreview> {
  const { columns, csv, decoder } = await openSheet(chunks, contentType);
  const rows: SheetPreview['rows'] = [];
  let characters = 0;
  for await (const { row, cells } of csv) {
    const decoded = decoder.decode((cells ?? []).slice(0, columns.length)) ?? [];
    rows.push({ row, cells: trimmed(decoded) });
    characters += decoded.join('').length;
    if (rows.length === PREVIEW_ROWS || characters > MAX_PREVIEW_CHARACTERS) break;
  }
  return { encoding: decoder.encoding(), columns: trimmed(columns), rows };
}

const trimmed = (cells: readonly string[]) => cells.map((cell) => cell.trim());

interface Sheet {
  header: string[];
  /** The header row, without the columns that a report has added. */
  columns: string[];
  csv: AsyncGenerator<CsvRow>;
  decoder: RowDecoder;
}

async function openSheet(chunks: AsyncIterable<Buffer>, contentType: string): Promise<Sheet> {
  const rest = chunks[Symbol.asyncIterator]();
  const read = await readHead(rest);
  const head = withoutByteOrderMark(read);
  if (LINE_WITH_URLS.test(head.toString('latin1'))) throw invalid('csv-one-line');
  const given = head === read ? givenEncoding(contentType) : 'utf-8';
  const decoder = openRowDecoder(head, given);
  const csv = csvRows(head, { [Symbol.asyncIterator]: () => rest });
  const header = await readHeader(csv, decoder, given);
  return { header, columns: withoutReportColumns(header), csv, decoder };
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

interface ReadRow {
  urls: string[];
  value: Record<string, unknown>;
  fault: Fault | null;
}

function readRow(columns: { i: number; field: Field }[], cells: string[]): ReadRow {
  const urls: string[] = [];
  const value: Record<string, unknown> = {};
  let metadata: unknown;
  let fault: Fault | null = null;
  const keys: [string, string][] = [];
  for (const { i, field } of columns) {
    const cell = (cells[i] ?? '').trim();
    if (cell === '') continue;
    if (field === 'url') urls.push(...splitUrls(cell));
    else if (field === 'metadata') {
      try {
        metadata = JSON.parse(cell);
      } catch {
        fault = NOT_METADATA(cell);
      }
    } else if (field.startsWith('metadata.')) keys.push([field.slice('metadata.'.length), cell]);
    else value[field] = cell;
  }
  if (keys.length > 0 && (metadata === undefined || isObject(metadata))) {
    const known = metadata ?? {};
    const twice = keys.find(([key]) => Object.hasOwn(known, key));
    if (twice !== undefined) fault = KEY_TWICE(twice[0]);
    metadata = Object.fromEntries([...Object.entries(known), ...keys]);
  }
  if (metadata !== undefined) value['metadata'] = metadata;
  return { urls, value, fault };
}

/** A report has a line for each image of a row, and each of these lines has all URLs of the row. */
function urlsAt(urls: string[], position = ''): string[] {
  const url = urls[Number(position) - 1];
  return url === undefined ? urls : [url];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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

const NO_URL = rowFault('url', 'cell-empty', {});
const TOO_MANY_URLS = rowFault('url', 'row-too-many-urls', { max: MAX_ROW_ITEMS });
const NOT_METADATA = (value: string) => rowFault('metadata', 'metadata-not-json', { value });
const KEY_TWICE = (key: string) => rowFault(printable(`metadata.${key}`), 'repeated', {});
const NOT_TEXT = rowFault(null, 'row-not-decodable', {});
const tooManyCells = (cells: number, columns: number) =>
  rowFault(null, 'row-too-many-cells', { cells, columns });
const NO_HEADER = () => invalid('csv-without-header');
const OTHER_CHARSET = (charset: TextEncoding) => invalid('csv-other-charset', { charset });
const TOO_MANY_COLUMNS = (columns: number) => invalid('csv-too-many-columns', { columns, max: MAX_COLUMNS });
const UTF16 = () => invalid('csv-utf16');
