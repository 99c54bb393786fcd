import { PixdockError } from '@pixdock/contract/error';
import { WORKBOOK_COLUMNS } from '@pixdock/contract/messages/column-names';
import { detailOf } from '@pixdock/contract/messages/detail';
import { guessColumns, mappingOf } from '@pixdock/contract/sheet/guess-columns';
import { findWorkbookColumns, splitHeader } from '@pixdock/contract/sheet/report-columns';
import { URL_CELL } from '@pixdock/contract/sheet/url-cell';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { invalid } from '../../http/invalid.js';
import type { Warning } from '../../http/warnings.js';
import { openBlankCounter } from '../blank-rows.js';
import { isField, MAX_COLUMNS, type Mapping } from '../csv-columns.js';
import { openSheetColumns } from '../sheet-columns.js';
import { MAX_ROW_BYTES, TOO_LONG_ROW, type UncheckedRow } from '../unchecked-row.js';
import { lettersOf } from './cell-names.js';
import { readNumberFormats, readStrings } from './cell-text.js';
import { type Merge, readLayout } from './layout.js';
import { openParts, type Parts, type Relation, targetOf } from './parts.js';
import { readPictures } from './pictures.js';
import { damaged } from './refusals.js';
import { readRows, type SheetRow } from './sheet.js';
import { relationIn } from './xml.js';

/** Excel has a limit of memory only; a person chooses among some. */
const MAX_SHEETS = 1000;
/** Excel allows 31. */
const MAX_NAME_CHARACTERS = 255;
/** Rows above the header row, such as a title. */
const MAX_ROWS_BEFORE_HEADER = 100;
const MAX_LISTED = 20;

interface WorkbookOptions {
  /** The name of the sheet; by default the first that is visible. */
  sheet: string | null;
  /** Empty: the columns are guessed by their names. */
  mapping: Mapping;
  maxEntryBytes: number;
}

interface WorkbookBody {
  /** Complete once all rows are read. */
  workbook: NonNullable<BatchEntry['workbook']>;
  columns: string[];
  rows: AsyncIterable<UncheckedRow>;
  warnings: Warning[];
}

/**
 * Reads an Excel workbook (XLSX; ECMA-376, and what WPS and Excel add for pictures in cells): its header row, and its rows
 * lazily. The source of a row is the URL in a column of URLs, or else each picture in the row.
 * @param archive path of the file
 * @throws PixdockError invalid_request if it is damaged, or has no column of URLs and no pictures
 */
export async function openWorkbook(archive: string, options: WorkbookOptions): Promise<WorkbookBody> {
  const parts = await openParts(archive, options.maxEntryBytes);
  const bookPart = targetOf(await parts.relationsOf(''), 'officeDocument') ?? 'xl/workbook.xml';
  if (!parts.has(bookPart)) throw new PixdockError('unsupported_media_type', detailOf('not-a-workbook'));
  const book = await parts.relationsOf(bookPart);
  const { sheets, is1904 } = await readBook(parts, bookPart, book);
  const sheet = chooseSheet(sheets, options.sheet);

  const strings = await readStrings(parts, targetOf(book, 'sharedStrings'));
  const styles = targetOf(book, 'styles');
  const writeNumber = await readNumberFormats(parts, styles, is1904);
  const layout = await readLayout(parts, sheet, await parts.relationsOf(sheet));
  const pictures = await readPictures(parts, book, layout.drawings);
  const rows = readRows({ parts, sheet, strings, writeNumber, layout, pictures });

  const header = await readHeader(rows, layout.merges);
  const { own: columns, position } = splitHeader(header.names);
  const mapping = options.mapping.size > 0 ? options.mapping : guessedMapping(columns);
  const sheetColumns = openSheetColumns(columns, mapping, true);
  const warnings = [...sheetColumns.warnings];
  const workbook: WorkbookBody['workbook'] = {
    part: sheet,
    styles: styles ?? null,
    headerRow: header.row,
    urlColumns: columns.flatMap((_, i) => (sheetColumns.isUrl(i) ? [i + 1] : [])),
    reportColumn: null,
  };

  async function* items(): AsyncGenerator<UncheckedRow> {
    const blank = openBlankCounter();
    let hidden = 0;
    let lastColumn = header.names.length;
    let hasPictures = false;
    for await (const next of chain(header.rows, rows)) {
      const { row, isHidden, texts, links, pictures: inRow } = next;
      lastColumn = Math.max(lastColumn, next.lastColumn);
      hasPictures ||= inRow.length > 0;
      if (next.isTooLong || charactersIn(texts) > MAX_ROW_BYTES) {
        yield sheetColumns.faultyRow({ row, line: null }, TOO_LONG_ROW);
        continue;
      }
      const cells = columns.map((_, i) => {
        const text = texts.get(i + 1) ?? '';
        return sheetColumns.isUrl(i) && !URL_CELL.test(text) ? (links.get(i + 1) ?? text) : text;
      });
      if (inRow.length === 0 && cells.every((cell) => cell.trim() === '')) blank.add();
      else if (isHidden) hidden++;
      else {
        const meant = position === null ? undefined : texts.get(position + 1);
        const known = { fault: null, position: meant, pictures: inRow };
        yield* sheetColumns.itemsOf({ row, line: null }, cells, known);
      }
    }
    if (!hasPictures && !columns.some((_, i) => sheetColumns.isUrl(i)))
      throw invalid('workbook-without-images', { headers: columns.slice(0, MAX_LISTED) });
    if (hidden > 0)
      warnings.push({ code: 'ignored_rows', detail: detailOf('hidden-rows', { rows: hidden }) });
    workbook.reportColumn = reportColumnOf(header.names, lastColumn);
  }

  return { workbook, columns, rows: items(), warnings };
}

/** Where the columns of the report begin: those of an earlier report, or after the last column in use. */
function reportColumnOf(names: readonly string[], lastColumn: number): number | null {
  const earlier = findWorkbookColumns(names);
  const column = (earlier === -1 ? lastColumn : earlier) + 1;
  // The workbook can be imported again.
  return column + WORKBOOK_COLUMNS.en.length - 1 > MAX_COLUMNS ? null : column;
}

interface Sheet {
  name: string;
  part: string;
  isHidden: boolean;
}

async function readBook(parts: Parts, part: string, relations: ReadonlyMap<string, Relation>) {
  const sheets: Sheet[] = [];
  let is1904 = false;
  await parts.read(part, {
    open(element, attributes) {
      const { name = '', state, date1904 } = attributes;
      if (element === 'workbookPr') is1904 = date1904 === '1' || date1904 === 'true';
      if (element !== 'sheet') return;
      const relation = relations.get(relationIn(attributes, 'id') ?? '');
      if (relation?.kind === 'worksheet' && sheets.length < MAX_SHEETS)
        sheets.push({
          name: name.slice(0, MAX_NAME_CHARACTERS),
          part: relation.target,
          isHidden: state !== undefined && state !== 'visible',
        });
    },
  });
  if (sheets.length === 0) throw damaged(part);
  return { sheets, is1904 };
}

/** @throws PixdockError invalid_request */
function chooseSheet(sheets: readonly Sheet[], name: string | null): string {
  const found =
    name === null
      ? (sheets.find(({ isHidden }) => !isHidden) ?? sheets[0])
      : sheets.find((sheet) => sheet.name.trim() === name.trim());
  if (found !== undefined) return found.part;
  throw invalid('sheet-missing', {
    sheet: name ?? '',
    sheets: sheets.slice(0, MAX_LISTED).map((sheet) => sheet.name),
  });
}

interface Header {
  /** 0 without a header. */
  row: number;
  names: string[];
  /** Rows that were read already. */
  rows: SheetRow[];
}

/**
 * Takes the rows up to the header, which is the first row with names that is not a title above merged cells. Merged cells may
 * extend it to further rows, whose names are added to those above. A sheet has none if that row has pictures and no name
 * that is known, or if it has nothing but pictures: then its columns are A, B, C.
 */
async function readHeader(
  rows: AsyncGenerator<SheetRow>,
  merges: ReadonlyMap<number, readonly Merge[]>,
): Promise<Header> {
  const before: SheetRow[] = [];
  for (let count = 0; count < MAX_ROWS_BEFORE_HEADER; count++) {
    const { done, value: first } = await rows.next();
    if (done === true) break;
    const { row, texts, pictures } = first;
    const own = merges.get(row) ?? [];
    const isTitle = own.some(
      ({ left, right }) => left < right && texts.has(left) && new Set(texts.values()).size === 1,
    );
    if (texts.size === 0 && pictures.length > 0) before.push(first);
    if (texts.size === 0 || isTitle) continue;

    const names = joinedNames([texts]);
    if (pictures.length > 0 && guessedMapping(names).size === 0)
      return { row: 0, names: names.map((_, i) => lettersOf(i + 1)), rows: [...before, first] };
    const parts = [texts];
    const last = Math.max(row, ...own.map(({ bottom }) => Math.min(bottom, row + MAX_HEADER_ROWS - 1)));
    while (parts.length <= last - row) {
      const next = await rows.next();
      if (next.done === true) break;
      parts.push(next.value.texts);
    }
    return { row: row + parts.length - 1, names: joinedNames(parts), rows: [] };
  }
  if (before.length === 0) throw invalid('csv-without-header');
  return { row: 0, names: [], rows: before };
}

/** Merged cells may repeat one long string. */
function charactersIn(texts: ReadonlyMap<number, string>): number {
  let characters = 0;
  for (const text of texts.values()) characters += text.length;
  return characters;
}

const MAX_HEADER_ROWS = 3;

/** @throws PixdockError invalid_request for too many columns */
function joinedNames(rows: readonly ReadonlyMap<number, string>[]): string[] {
  if (rows.some((row) => charactersIn(row) > MAX_ROW_BYTES)) throw invalid('csv-without-header');
  const width = Math.max(0, ...rows.flatMap((row) => [...row.keys()]));
  if (width > MAX_COLUMNS) throw invalid('csv-too-many-columns', { columns: width, max: MAX_COLUMNS });
  return Array.from({ length: width }, (_, i) => {
    const steps = rows.map((row) => (row.get(i + 1) ?? '').trim()).filter((step) => step !== '');
    return [...new Set(steps)].join(' ');
  });
}

async function* chain<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

function guessedMapping(columns: readonly string[]): Mapping {
  const names = columns.map((name) => name.trim());
  const guessed = mappingOf(names, guessColumns({ columns: names, rows: [] }));
  const isOnce = (header: string) => names.filter((name) => name === header).length === 1;
  return new Map(
    Object.entries(guessed).flatMap(([header, field]) =>
      isOnce(header) && isField(field) ? [[header, field] as const] : [],
    ),
  );
}
