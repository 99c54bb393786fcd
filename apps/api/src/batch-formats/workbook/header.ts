import { guessColumns, mappingOf } from '@pixdock/contract/sheet/guess-columns';
import { invalid } from '../../http/invalid.js';
import { isField, MAX_COLUMNS, type Mapping } from '../csv-columns.js';
import { MAX_ROW_BYTES } from '../unchecked-item.js';
import { lettersOf } from './cell-names.js';
import type { Merge } from './layout.js';
import type { SheetRow } from './sheet.js';

/** Rows above the header row, such as a title. */
const MAX_ROWS_BEFORE_HEADER = 100;
const MAX_HEADER_ROWS = 3;

/** The names of the columns. */
export interface Header {
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
export async function readHeader(
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

/** The rows below the header. */
export async function* rowsBelow(header: Header, rest: AsyncIterable<SheetRow>): AsyncGenerator<SheetRow> {
  yield* header.rows;
  yield* rest;
}

/** Characters of a row. Merged cells may repeat one long string. */
export function charactersIn(texts: ReadonlyMap<number, string>): number {
  let characters = 0;
  for (const text of texts.values()) characters += text.length;
  return characters;
}

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

/** The fields of columns by their names. */
export function guessedMapping(columns: readonly string[]): Mapping {
  const names = columns.map((name) => name.trim());
  const guessed = mappingOf(names, guessColumns({ columns: names, rows: [] }));
  const isOnce = (header: string) => names.filter((name) => name === header).length === 1;
  return new Map(
    Object.entries(guessed).flatMap(([header, field]) =>
      isField(field) && (field === 'url' || isOnce(header)) ? [[header, field] as const] : [],
    ),
  );
}
