import { LAST_COLUMN, placeOf } from './cell-names.js';
import type { Parts, Relation } from './parts.js';
import { tooComplex } from './refusals.js';
import { relationIn } from './xml.js';

/** More would be sheets whose every cell is merged. */
const MAX_MERGES = 200_000;
/** A range of merged cells; columns and rows from 1. */
export interface Merge {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** What a sheet says about its cells after them. */
export interface SheetLayout {
  /** By their first row. */
  merges: ReadonlyMap<number, readonly Merge[]>;
  /** URLs by cell, such as `B7`. */
  links: ReadonlyMap<string, string>;
  /** Parts. */
  drawings: readonly string[];
}

export async function readLayout(
  parts: Parts,
  sheet: string,
  relations: ReadonlyMap<string, Relation>,
): Promise<SheetLayout> {
  const merges = new Map<number, Merge[]>();
  const links = new Map<string, string>();
  const drawings: string[] = [];
  let count = 0;
  await parts.read(sheet, {
    open(element, attributes) {
      const { ref = '' } = attributes;
      if (element === 'drawing') {
        const drawing = relations.get(relationIn(attributes, 'id') ?? '')?.target;
        if (drawing !== undefined && parts.has(drawing)) drawings.push(drawing);
      }
      if (element !== 'mergeCell' && element !== 'hyperlink') return;
      if (++count > MAX_MERGES) throw tooComplex('merges', MAX_MERGES);
      const [first = '', last = first] = ref.split(':');
      if (element === 'hyperlink') {
        const link = relations.get(relationIn(attributes, 'id') ?? '');
        if (link?.isExternal === true) links.set(first, link.target);
        return;
      }
      const [from, to] = [placeOf(first), placeOf(last)];
      if (from === null || to === null) return;
      const merge = { top: from.row, bottom: to.row, left: from.column, right: to.column };
      const inRow = merges.get(merge.top) ?? [];
      inRow.push(merge);
      merges.set(merge.top, inRow);
    },
  });
  return { merges, links, drawings };
}

/** Cells of merged ranges that are filled for one sheet. Ranges may be a million rows long. */
const MAX_FILLED_CELLS = 10_000_000;

interface FillableRow {
  row: number;
  texts: ReadonlyMap<number, string>;
  lastColumn: number;
}

/** Gives all cells of a merged range the text of its first cell. */
export function openMergedValues(merges: SheetLayout['merges']) {
  let open: (Merge & { text: string })[] = [];
  let filledCells = 0;
  return {
    filled<Row extends FillableRow>(row: Row): Row {
      const begun = (merges.get(row.row) ?? []).map((merge) => ({
        ...merge,
        text: row.texts.get(merge.left) ?? '',
      }));
      open = [...open.filter(({ bottom }) => bottom >= row.row), ...begun];
      if (open.length === 0) return row;
      const width = open.reduce((sum, { left, right }) => sum + right - left + 1, 0);
      filledCells += width;
      // Ranges that overlap could be as many as the sheet has, in every row.
      if (width > LAST_COLUMN || filledCells > MAX_FILLED_CELLS) throw tooComplex('merges', MAX_FILLED_CELLS);
      const texts = new Map(row.texts);
      for (const { left, right, text } of open)
        for (let column = left; column <= right; column++)
          if (text !== '' && !texts.has(column)) texts.set(column, text);
      const lastColumn = Math.max(row.lastColumn, ...open.map(({ right }) => right));
      return { ...row, texts, lastColumn };
    },
  };
}
