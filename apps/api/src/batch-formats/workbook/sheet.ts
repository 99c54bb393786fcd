import type { CellSource } from '../unchecked-row.js';
import { type NumberWriter, openRichText } from './cell-text.js';
import type { Parts, Relation } from './parts.js';
import type { CellPictures } from './pictures.js';
import { tooComplex } from './refusals.js';
import { type Attributes, relationIn } from './xml.js';

/** More would be sheets whose every cell is merged. */
const MAX_MERGES = 200_000;
/** Of an Excel sheet. */
const LAST_COLUMN = 16_384;

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

/** A row with the text of its cells. */
export interface SheetRow {
  /** From 1. */
  row: number;
  isHidden: boolean;
  /** By column, from 1. */
  texts: ReadonlyMap<number, string>;
  /** URLs behind the texts. */
  links: ReadonlyMap<number, string>;
  /** The last column with a text, a formula, a picture or merged cells; 0 without one. */
  lastColumn: number;
  /** Pictures in the row, in the order of their columns. */
  pictures: readonly { column: number; source: CellSource }[];
}

export interface SheetParts {
  parts: Parts;
  sheet: string;
  strings: readonly string[];
  writeNumber: NumberWriter;
  layout: SheetLayout;
  pictures: CellPictures;
}

/** Yields the rows that a sheet has, with the pictures above them; rows that have nothing but a picture too. */
export async function* readRows(given: SheetParts): AsyncGenerator<SheetRow> {
  const { parts, sheet, pictures, layout } = given;
  const values = openMergedValues(layout.merges);
  const handler = openRowHandler(given);
  // Rows without cells may be left out of the file.
  const floating = [...pictures.floating.keys()].toSorted((one, other) => one - other);
  let next = 0;
  for await (const row of parts.readSlowly(sheet, handler, () => handler.take())) {
    for (let at = floating[next]; at !== undefined && at < row.row; at = floating[++next])
      yield withFloating(emptyRow(at));
    if (floating[next] === row.row) next++;
    yield withFloating(values.filled(row));
  }
  for (const at of floating.slice(next)) yield withFloating(emptyRow(at));

  function withFloating(row: SheetRow): SheetRow {
    const above = pictures.floating.get(row.row);
    if (above === undefined) return row;
    const all = [...row.pictures, ...above];
    const sorted = all.toSorted((one, other) => one.column - other.column);
    return { ...row, pictures: sorted, lastColumn: Math.max(row.lastColumn, sorted.at(-1)?.column ?? 0) };
  }
}

const emptyRow = (row: number): SheetRow => ({
  row,
  isHidden: false,
  texts: new Map(),
  links: new Map(),
  lastColumn: 0,
  pictures: [],
});

/** Handlers that collect the rows of a sheet, from which `take` takes them. */
function openRowHandler({ strings, writeNumber, layout, pictures }: SheetParts) {
  let ready: SheetRow[] = [];
  let row = 0;
  let column = 0;
  let lastColumn = 0;
  let isHidden = false;
  let texts = new Map<number, string>();
  let links = new Map<number, string>();
  let found: { column: number; source: CellSource }[] = [];
  let cell: Attributes = {};
  let value = '';
  let formula = '';
  const inline = openRichText();

  function endCell(): void {
    const { t: type, s: style, r: place, vm } = cell;
    const shown =
      type === 's'
        ? (strings[Number(value)] ?? '')
        : type === 'inlineStr'
          ? inline.take()
          : type === 'b'
            ? value === '1'
              ? 'TRUE'
              : 'FALSE'
            : type === undefined || type === 'n'
              ? writeNumber(value, style)
              : value;
    if (shown !== '' || formula !== '') lastColumn = Math.max(lastColumn, column);
    const source = pictureIn(formula || shown, vm);
    if (source !== undefined) {
      found.push({ column, source });
      return;
    }
    if (shown !== '') texts.set(column, shown);
    const url = urlIn(formula) ?? layout.links.get(place ?? '');
    if (url !== undefined) links.set(column, url);
  }

  function pictureIn(content: string, valueMetadata: string | undefined): CellSource | undefined {
    const named = /DISPIMG\(\s*"([^"]+)"/i.exec(content)?.[1];
    if (named !== undefined) return pictures.named(named);
    return valueMetadata === undefined ? undefined : pictures.inCell(valueMetadata);
  }

  return {
    open(element: string, attributes: Attributes): void {
      inline.open(element);
      if (element === 'row') {
        row = rowOf(attributes['r']) ?? row + 1;
        column = 0;
        lastColumn = 0;
        isHidden = isTrue(attributes['hidden']);
        texts = new Map();
        links = new Map();
        found = [];
      } else if (element === 'c') {
        cell = attributes;
        column = placeOf(attributes['r'] ?? '')?.column ?? column + 1;
        value = '';
        formula = '';
        inline.take();
      }
    },
    close(element: string, text: string): void {
      inline.close(element, text);
      if (element === 'v') value = text;
      else if (element === 'f') formula = text;
      else if (element === 'c') endCell();
      else if (element === 'row') ready.push({ row, isHidden, texts, links, lastColumn, pictures: found });
    },
    take(): SheetRow[] {
      const rows = ready;
      ready = [];
      return rows;
    },
  };
}

/** Gives all cells of a merged range the text of its first cell. */
function openMergedValues(merges: SheetLayout['merges']) {
  let open: (Merge & { text: string })[] = [];
  return {
    filled(row: SheetRow): SheetRow {
      const begun = (merges.get(row.row) ?? []).map((merge) => ({
        ...merge,
        text: row.texts.get(merge.left) ?? '',
      }));
      open = [...open.filter(({ bottom }) => bottom >= row.row), ...begun];
      if (open.length === 0) return row;
      if (open.length > LAST_COLUMN) throw tooComplex('merges', LAST_COLUMN);
      const texts = new Map(row.texts);
      for (const { left, right, text } of open)
        for (let column = left; column <= right; column++)
          if (text !== '' && !texts.has(column)) texts.set(column, text);
      const lastColumn = Math.max(row.lastColumn, ...open.map(({ right }) => right));
      return { ...row, texts, lastColumn };
    },
  };
}

/** The URL in `HYPERLINK("https://…","text")` or `IMAGE("https://…")`; a URL that is computed is only in the value. */
function urlIn(formula: string): string | undefined {
  return /(?:HYPERLINK|IMAGE)\(\s*"([^"&]+)"\s*[,)]/i.exec(formula)?.[1];
}

const isTrue = (value: string | undefined) => value === '1' || value === 'true';

/** The place of a cell such as `AB12`, from 1; null for anything else. */
export function placeOf(name: string): { row: number; column: number } | null {
  const [, letters = '', digits = ''] = /^\$?([A-Za-z]{1,3})\$?(\d{1,7})$/.exec(name) ?? [];
  if (digits === '') return null;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column > LAST_COLUMN ? null : { row: Number(digits), column };
}

/** The name of a column, from 1, such as AB. */
export function lettersOf(column: number): string {
  const rest = Math.floor((column - 1) / 26);
  return (rest === 0 ? '' : lettersOf(rest)) + String.fromCharCode(65 + ((column - 1) % 26));
}

/** Of an Excel sheet. */
const LAST_ROW = 1_048_576;

/** The number in the attribute `r` of a row. */
export function rowOf(text: string | undefined): number | null {
  const row = Number(text);
  return Number.isInteger(row) && row > 0 && row <= LAST_ROW ? row : null;
}
