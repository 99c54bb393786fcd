import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { invalid } from '../../http/invalid.js';
import { readNumberFormats, readStrings } from './cell-text.js';
import { readLayout } from './layout.js';
import { openParts, type Parts, type Relation, targetOf } from './parts.js';
import { readPictures } from './pictures.js';
import { damaged } from './refusals.js';
import { readRows } from './sheet.js';
import { isTrue, relationIn } from './xml.js';

/** Excel has a limit of memory only; a person chooses among some. */
const MAX_SHEETS = 1000;
/** Excel allows 31. */
const MAX_NAME_CHARACTERS = 255;
/** Sheets that a message names. */
export const MAX_LISTED = 20;

export interface SheetOptions {
  /** The name of the sheet; by default the first that is visible. */
  sheet: string | null;
  maxEntryBytes: number;
}

export type OpenSheet = Awaited<ReturnType<typeof openSheet>>;

/**
 * Opens a sheet of a workbook and reads what its cells refer to.
 * @param archive path of the file, which is closed once `rows` are read or returned
 * @throws PixdockError invalid_request
 */
export async function openSheet(archive: string, { sheet, maxEntryBytes }: SheetOptions) {
  const parts = await openParts(archive, maxEntryBytes);
  const bookPart = targetOf(await parts.relationsOf(''), 'officeDocument') ?? 'xl/workbook.xml';
  if (!parts.has(bookPart)) throw new PixdockError('unsupported_media_type', detailOf('not-a-workbook'));
  const book = await parts.relationsOf(bookPart);
  const { sheets, is1904 } = await readBook(parts, bookPart, book);
  const { name, part } = chooseSheet(sheets, sheet);

  const strings = await readStrings(parts, targetOf(book, 'sharedStrings'));
  const styles = targetOf(book, 'styles');
  const writeNumber = await readNumberFormats(parts, styles, is1904);
  const layout = await readLayout(parts, part, await parts.relationsOf(part));
  const pictures = await readPictures(parts, book, layout.drawings);
  const rows = readRows({ parts, sheet: part, strings, writeNumber, layout, pictures });
  const visible = sheets.filter(({ isHidden, name: own }) => !isHidden || own === name);
  return { names: visible.map((one) => one.name), name, part, styles, layout, rows };
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
      if (element === 'workbookPr') is1904 = isTrue(date1904);
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
function chooseSheet(sheets: readonly Sheet[], name: string | null): Sheet {
  const found =
    name === null
      ? (sheets.find(({ isHidden }) => !isHidden) ?? sheets[0])
      : sheets.find((sheet) => sheet.name.trim() === name.trim());
  if (found !== undefined) return found;
  throw invalid('sheet-missing', {
    sheet: name ?? '',
    sheets: sheets.slice(0, MAX_LISTED).map((sheet) => sheet.name),
  });
}
