import { WORKBOOK_COLUMNS } from '@pixdock/contract/messages/column-names';
import { detailOf } from '@pixdock/contract/messages/detail';
import { findWorkbookColumns, splitHeader } from '@pixdock/contract/sheet/report-columns';
import { URL_CELL } from '@pixdock/contract/sheet/url-cell';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { invalid } from '../../http/invalid.js';
import { openBlankCounter } from '../blank-rows.js';
import { MAX_COLUMNS, type Mapping } from '../csv-columns.js';
import { openSheetColumns } from '../sheet-columns.js';
import { MAX_ROW_BYTES, type OpenedItems, TOO_LONG_ROW, type UncheckedItem } from '../unchecked-item.js';
import { charactersIn, guessedMapping, readHeader, rowsBelow } from './header.js';
import { MAX_LISTED, type OpenSheet, openSheet, type SheetOptions } from './open-sheet.js';

interface WorkbookOptions extends SheetOptions {
  /** Empty: the columns are guessed by their names. */
  mapping: Mapping;
}

/**
 * Reads an Excel workbook (XLSX; ECMA-376, and what WPS and Excel add for pictures in cells): its header row, and its rows
 * lazily. The source of a row is the URL in a column of URLs, or else each picture in the row.
 * @param archive path of the file
 * @throws PixdockError invalid_request if it is damaged, or has no column of URLs and no pictures
 */
export async function openWorkbook(archive: string, options: WorkbookOptions): Promise<OpenedItems> {
  const sheet = await openSheet(archive, options);
  try {
    return await bodyOf(sheet, options);
  } catch (error) {
    // Closes the archive, whose reader may have begun.
    await sheet.rows.return(undefined);
    throw error;
  }
}

async function bodyOf(
  { names, name, part, styles, layout, rows }: OpenSheet,
  options: WorkbookOptions,
): Promise<OpenedItems> {
  const header = await readHeader(rows, layout.merges);
  const { own: columns, position, isReport } = splitHeader(header.names);
  const mapping = options.mapping.size > 0 ? options.mapping : guessedMapping(columns);
  const sheetColumns = openSheetColumns(columns, mapping, true);
  const warnings = [...sheetColumns.warnings];
  const others = names.filter((other) => other !== name).slice(0, MAX_LISTED);
  if (options.sheet === null && others.length > 0)
    warnings.push({ code: 'ignored_sheets', detail: detailOf('other-sheets', { sheet: name, others }) });
  const workbook: NonNullable<BatchEntry['workbook']> = {
    part,
    styles: styles ?? null,
    headerRow: header.row,
    urlColumns: columns.flatMap((_, i) => (sheetColumns.isUrl(i) ? [i + 1] : [])),
    reportColumn: null,
  };

  async function* items(): AsyncGenerator<UncheckedItem> {
    const blank = openBlankCounter();
    let hidden = 0;
    let lastColumn = header.names.length;
    let hasPictures = false;
    for await (const next of rowsBelow(header, rows)) {
      const { row, isHidden, texts, links, pictures: inRow } = next;
      lastColumn = Math.max(lastColumn, next.lastColumn);
      hasPictures ||= inRow.length > 0;
      if (!isHidden && (next.isTooLong || charactersIn(texts) > MAX_ROW_BYTES)) {
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

  return { columns, isReport, items: items(), warnings, facts: () => ({ workbook }) };
}

/** Where the columns of the report begin: those of an earlier report, or after the last column in use. */
function reportColumnOf(names: readonly string[], lastColumn: number): number | null {
  const earlier = findWorkbookColumns(names);
  const column = (earlier === -1 ? lastColumn : earlier) + 1;
  // The workbook can be imported again.
  return column + WORKBOOK_COLUMNS.en.length - 1 > MAX_COLUMNS ? null : column;
}
