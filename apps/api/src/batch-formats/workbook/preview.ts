import { PixdockError } from '@pixdock/contract/error';
import { PREVIEW_CHARACTERS, PREVIEW_ROWS, type SheetPreview } from '@pixdock/contract/sheet/preview';
import { splitHeader } from '@pixdock/contract/sheet/report-columns';
import { MAX_ROW_ITEMS } from '@pixdock/shared/state/manifest/stored';
import { DEFLATED } from '@pixdock/shared/state/manifest/zip-format';
import { type Header, readHeader, rowsBelow } from './header.js';
import { openSheet, type SheetOptions } from './open-sheet.js';
import type { SheetRow } from './sheet.js';

/** Of a name of a file, or a URL. */
const MAX_NAME_CHARACTERS = 255;
/** A picture that hardly shrinks is one that a page can show; others could fill its memory. */
const MAX_SHOWN_RATIO = 10;

/**
 * The header row and the first rows of a sheet, as `openWorkbook` reads them, with the names of all sheets. A sheet without a
 * header has neither columns nor rows.
 * @throws PixdockError invalid_request if the workbook is damaged or lacks the sheet
 */
export async function previewWorkbook(archive: string, options: SheetOptions): Promise<SheetPreview> {
  const { names, name, layout, rows } = await openSheet(archive, options);
  try {
    const header = await readHeader(rows, layout.merges).catch(withoutHeader);
    const { own, isReport } = splitHeader(header.names);
    const columns = own.map((column) => column.trim());
    return {
      encoding: null,
      sheets: names,
      sheet: name,
      columns,
      rows: await firstRows(columns, header, rows),
      isReport,
    };
  } finally {
    await rows.return(undefined);
  }
}

async function firstRows(
  columns: readonly string[],
  header: Header,
  rows: AsyncIterable<SheetRow>,
): Promise<SheetPreview['rows']> {
  const shown: SheetPreview['rows'] = [];
  let characters = 0;
  for await (const { row, isHidden, texts, pictures } of rowsBelow(header, rows)) {
    const cells = columns.map((_, i) => (texts.get(i + 1) ?? '').trim());
    if (isHidden || (pictures.length === 0 && cells.every((cell) => cell === ''))) continue;
    shown.push({ row, cells, pictures: pictures.slice(0, MAX_ROW_ITEMS).map(shownPicture) });
    characters += cells.join('').length;
    if (shown.length === PREVIEW_ROWS || characters > PREVIEW_CHARACTERS) break;
  }
  return shown;
}

/** @throws the error, unless it says that the sheet has no header */
function withoutHeader(error: unknown): Header {
  const isMissing = error instanceof PixdockError && error.detail.reason === 'csv-without-header';
  if (isMissing) return { row: 0, names: [], rows: [] };
  throw error;
}

function shownPicture({ column, source }: SheetRow['pictures'][number]) {
  const [file, origin] = 'url' in source ? [source.url, null] : [source.filename, source.origin];
  const name = file.slice(0, MAX_NAME_CHARACTERS);
  if (origin === null || origin.bytes > MAX_SHOWN_RATIO * origin.compressedBytes)
    return { column, name, entry: null };
  const { offset, compressedBytes, bytes, method } = origin;
  return { column, name, entry: { offset, compressedBytes, bytes, isDeflated: method === DEFLATED } };
}
