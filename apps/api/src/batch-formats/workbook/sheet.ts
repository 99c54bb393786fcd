import { type CellSource, MAX_ROW_BYTES } from '../unchecked-item.js';
import { LAST_COLUMN, placeOf, rowOf } from './cell-names.js';
import { type NumberWriter, openRichText } from './cell-text.js';
import { openMergedValues, type SheetLayout } from './layout.js';
import type { Parts } from './parts.js';
import type { CellPictures } from './pictures.js';
import { type Attributes, isTrue } from './xml.js';

/** A row with the text of its cells. */
export interface SheetRow {
  /** From 1. */
  row: number;
  isHidden: boolean;
  /** Longer than a row may be, and not whole here. */
  isTooLong: boolean;
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
  isTooLong: false,
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
  /** Of the row's texts and links. Once they are too many, the rest of the row is not kept. */
  let characters = 0;
  let texts = new Map<number, string>();
  let links = new Map<number, string>();
  let found: { column: number; source: CellSource }[] = [];
  let cell: Attributes = {};
  let value = '';
  let formula = '';
  const inline = openRichText();

  function endCell(): void {
    if (column > LAST_COLUMN || characters > MAX_ROW_BYTES) return;
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
    characters += shown.length + (url?.length ?? 0);
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
        characters = 0;
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
      else if (element === 'row') {
        const isTooLong = characters > MAX_ROW_BYTES;
        ready.push({ row, isHidden, isTooLong, texts, links, lastColumn, pictures: found });
      }
    },
    take(): SheetRow[] {
      const rows = ready;
      ready = [];
      return rows;
    },
  };
}

/** The URL in `HYPERLINK("https://…","text")` or `IMAGE("https://…")`; a URL that is computed is only in the value. */
function urlIn(formula: string): string | undefined {
  return /(?:HYPERLINK|IMAGE)\(\s*"([^"&]+)"\s*[,)]/i.exec(formula)?.[1];
}
