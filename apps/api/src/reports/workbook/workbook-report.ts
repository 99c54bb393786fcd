import { buffer } from 'node:stream/consumers';
import { PixdockError } from '@pixdock/contract/error';
import { WORKBOOK_COLUMNS } from '@pixdock/contract/messages/column-names';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { printable } from '@pixdock/contract/messages/values';
import { countOf, DELETED_STATUSES } from '@pixdock/contract/status';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { readZipEntry } from '@pixdock/shared/state/manifest/read-zip-entry';
import { keyOf } from '../../batch-formats/workbook/parts.js';
import { encodingOf } from '../../batch-formats/workbook/xml.js';
import { say } from '../../messages/reports.js';
import type { ReportRow } from '../rows.js';
import { type NewContent, readDirectory, replaceEntries } from './archive.js';
import { type CellChange, changeSheet, type RowChange } from './sheet.js';
import { type CellStyles, NO_STYLES, openCellStyles } from './styles.js';

/** Styles are held in memory. */
const MAX_STYLES_BYTES = 8 * 1024 ** 2;

/** Characters of the columns for URL, status and reason. */
const WIDTHS = [40, 12, 48] as const;

interface Options {
  language: Language;
  /**
   * Hides the rows that have not failed: an import leaves hidden rows out, so that only the corrected ones are imported. The
   * report of these shows the others again.
   */
  hidesOthers: boolean;
}

/**
 * The workbook that a batch was imported from, with columns for the outcome of each row, and with red cells where a row failed.
 * Every other part is as it was, byte for byte.
 * @throws PixdockError not_found if the batch is not from a workbook, the workbook is gone, or its sheet has no free columns
 */
export async function openWorkbookReport(
  state: BatchState,
  { archive: findArchive, entry }: Pick<Manifest, 'archive' | 'entry'>,
  rows: AsyncIterable<ReportRow[]>,
  options: Options,
): Promise<AsyncGenerator<Uint8Array>> {
  const { workbook, columns } = entry;
  if (workbook === null) throw new PixdockError('not_found', detailOf('batch-without-workbook'));
  // The sheet still has the text of rows that were deleted.
  const archive = countOf(state, DELETED_STATUSES) > 0 ? null : await findArchive();
  if (archive === null) throw new PixdockError('not_found', detailOf('workbook-gone'));
  const directory = await readDirectory(archive);
  const entryOf = (part: string | null) =>
    directory?.entries.findLast(({ name }) => part !== null && keyOf(name) === keyOf(part));
  const sheet = entryOf(workbook.part);
  const { reportColumn } = workbook;
  if (directory === null || sheet === undefined || reportColumn === null)
    throw new PixdockError('not_found', detailOf('workbook-without-room'));

  const stylesEntry = entryOf(workbook.styles);
  const styles = stylesEntry === undefined ? null : await readStyles(archive, stylesEntry.origin);
  const changes = rowChanges({ ...workbook, reportColumn }, columns, rows, options);
  const content = changeSheet(
    readZipEntry(archive, sheet.origin, sheet.origin.bytes),
    changes,
    styles ?? NO_STYLES,
    { first: reportColumn, widths: WIDTHS },
    options.hidesOthers ? null : reportColumn + 1,
  );
  const replaced: NewContent[] = [{ entry: sheet, content }];
  if (stylesEntry !== undefined && styles !== null)
    replaced.push({ entry: stylesEntry, content: written(styles) });
  return replaceEntries(directory, replaced);
}

/** Null for styles that cannot be changed; then no cell is red. */
async function readStyles(archive: string, origin: EntryOrigin): Promise<CellStyles | null> {
  if (origin.bytes > MAX_STYLES_BYTES) return null;
  const bytes = await buffer(readZipEntry(archive, origin, MAX_STYLES_BYTES));
  if (encodingOf(bytes) !== 'utf-8') return null;
  return openCellStyles(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

/** Begins after the sheet is written, whose cells add styles. */
async function* written(styles: CellStyles): AsyncGenerator<Buffer> {
  yield Buffer.from(styles.write());
}

type Columns = NonNullable<BatchEntry['workbook']> & { reportColumn: number };

async function* rowChanges(
  workbook: Columns,
  columns: readonly string[],
  groups: AsyncIterable<ReportRow[]>,
  options: Options,
): AsyncGenerator<RowChange> {
  const { headerRow, reportColumn } = workbook;
  if (headerRow > 0) {
    const cells = WORKBOOK_COLUMNS[options.language].map(
      (text, i) => [reportColumn + i, { text, isRed: false }] as const,
    );
    yield { row: headerRow, isHeader: true, isHidden: false, cells: new Map(cells) };
  }
  let ofRow: ReportRow[] = [];
  for await (const group of groups)
    for (const item of group) {
      if (item.row === null) continue;
      const [first] = ofRow;
      if (first !== undefined && first.row !== item.row) {
        yield rowChange(ofRow, workbook, columns, options);
        ofRow = [];
      }
      ofRow.push(item);
    }
  if (ofRow.length > 0) yield rowChange(ofRow, workbook, columns, options);
}

/** The change of a row: a line for each of its images in each new cell. */
function rowChange(
  items: readonly ReportRow[],
  workbook: Columns,
  columns: readonly string[],
  { language, hidesOthers }: Options,
): RowChange {
  const { reportColumn } = workbook;
  const failed = items.filter(({ status }) => status === 'failed');
  const isRed = failed.length > 0;
  const lines = (shown: (item: ReportRow) => string | null) =>
    items
      .map((item) => shown(item) ?? '')
      .join('\n')
      .trimEnd();
  const cells = new Map<number, CellChange>();
  for (const item of failed)
    for (const column of faultyColumns(item, workbook, columns)) cells.set(column, { isRed });
  cells.set(reportColumn, { text: lines(({ url }) => url), isRed: false });
  cells.set(reportColumn + 1, { text: lines(({ status }) => say(language, `status.${status}`)), isRed });
  cells.set(reportColumn + 2, { text: lines(({ reason }) => reason), isRed });
  return { row: items[0]?.row ?? 0, isHeader: false, isHidden: hidesOthers && !isRed, cells };
}

/** The columns that the error names; else those with the URL of the image, or, for a picture, those without any URL; else all for URLs. */
function faultyColumns(
  { faultColumn, source, cells }: ReportRow,
  { urlColumns }: Columns,
  columns: readonly string[],
): number[] {
  const named = columns.flatMap((name, i) => (printable(name) === faultColumn ? [i + 1] : []));
  if (named.length > 0) return named;
  const likely = urlColumns.filter((column) => {
    const cell = cells[column - 1] ?? '';
    return source.url === null ? !cell.includes('://') : cell.includes(source.url);
  });
  return likely.length > 0 ? likely : urlColumns;
}
