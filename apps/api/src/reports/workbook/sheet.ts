import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { lettersOf, placeOf, rowOf } from '../../batch-formats/workbook/cell-names.js';
import { encodingOf, isTrue } from '../../batch-formats/workbook/xml.js';
import { type NewColumns, openColumns } from './columns.js';
import type { CellStyles } from './styles.js';
import { attributesIn, escaped, numberIn, openTokenizer, type Tag, withAttributes } from './tokens.js';

/** What a report says about one row of a sheet. */
export interface RowChange {
  row: number;
  /** Whether new cells look like the cell before them. */
  isHeader: boolean;
  /** Whether the row becomes hidden. */
  isHidden: boolean;
  /** By column, from 1. */
  cells: ReadonlyMap<number, CellChange>;
}

export interface CellChange {
  /** Without it, the content of the cell stays. */
  text?: string;
  isRed: boolean;
}

/** Characters of added rows that are collected before they are written. */
const WRITTEN_AT_ONCE = 64 * 1024;
/** Bytes that are read at a time: they take less than a slice. Strings that live longer stay until memory is short. */
const READ_AT_ONCE = 4 * 1024;

/** Characters of a hidden row that are read until its status; a row without a status before them stays hidden. */
const HELD_CHARACTERS = 64 * 1024;

/** Excel shows no more characters of a cell. */
const MAX_CELL_CHARACTERS = 32_767;

/**
 * Writes a sheet again (ECMA-376 part 1, 18.3) with changed rows and the widths of new columns. Everything else stays as it is,
 * except the size of the sheet and of its rows, which are hints to readers.
 * @param changes in the order of the rows of the file; a row that the file lacks is added
 * @param statusColumn a hidden row with something in this column was probably hidden by an earlier report, and is shown again; null keeps it hidden
 */
export async function* changeSheet(
  chunks: AsyncIterable<Buffer>,
  changes: AsyncIterator<RowChange>,
  styles: CellStyles,
  newColumns: NewColumns,
  statusColumn: number | null = null,
): AsyncGenerator<Buffer> {
  const tokenizer = openTokenizer();
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  const columns = openColumns(newColumns);
  const others = openOtherRows(statusColumn);
  let isInRows = false;
  let row = 0;
  let current: ChangedRow | null = null;
  let next = await take();

  async function take(): Promise<RowChange | null> {
    const { done, value } = await changes.next();
    return done === true ? null : value;
  }

  /** The rows that the file lacks before row `before`. */
  async function* addedRows(prefix: string, before: number): AsyncGenerator<string> {
    for (; next !== null && next.row < before; next = await take()) {
      const cells = openRow(next, prefix, styles, styleOf('')).end();
      const hidden = next.isHidden ? ' hidden="1"' : '';
      if (cells !== '') yield `<${prefix}row r="${next.row}"${hidden}>${cells}</${prefix}row>`;
    }
  }

  async function* startRow(source: string, tag: Tag): AsyncGenerator<string> {
    const { prefix, kind } = tag;
    yield* addedRows(prefix, row);
    if (next?.row !== row) return yield others.write(source, tag);
    const opened = openRow(next, prefix, styles, styleOf(source));
    const changed = withAttributes(source, { spans: null, ...(next.isHidden ? { hidden: '1' } : {}) });
    next = await take();
    if (kind === 'empty') return yield `${changed.slice(0, -2)}>${opened.end()}</${prefix}row>`;
    current = opened;
    yield changed;
  }

  async function* endRows({ prefix, kind }: Tag, source: string): AsyncGenerator<string> {
    isInRows = false;
    if (kind === 'empty') yield `${columns.missing(prefix)}${source.slice(0, -2)}>`;
    yield* addedRows(prefix, Infinity);
    yield kind === 'empty' ? `</${prefix}sheetData>` : source;
  }

  /** The style of the cells that the file lacks in a row, by their column. */
  function styleOf(rowTag: string): (column: number) => number {
    const attributes = attributesIn(rowTag);
    const own = attributes.has('customFormat') ? numberIn(attributes, 's') : 0;
    if (own !== 0) return () => own;
    return columns.styleOf;
  }

  function write(source: string, tag: Tag | null): string {
    const name = tag?.name;
    if (isInRows) {
      if (current === null) return others.write(source, tag);
      if (name !== 'row') return current.write(source, tag);
      const rest = current.end();
      current = null;
      return rest + source;
    }
    if (name === 'dimension') return '';
    if (tag !== null && (name === 'col' || name === 'cols')) return columns.write(source, tag);
    if (tag !== null && name === 'sheetData') {
      isInRows = true;
      return columns.missing(tag.prefix) + source;
    }
    return source.startsWith('<?xml')
      ? source.replace(/encoding\s*=\s*(["'])[^"']*\1/, 'encoding="UTF-8"')
      : source;
  }

  /** The pieces of a tag that is changed, or before which rows are added; null for any other. */
  function writeBoundary(source: string, tag: Tag): AsyncGenerator<string> | null {
    if (tag.name === 'row' && isInRows && tag.kind !== 'end') {
      row = rowOf(attributesIn(source).get('r')) ?? row + 1;
      return next === null || next.row > row ? null : startRow(source, tag);
    }
    return tag.name === 'sheetData' && isInRows !== (tag.kind === 'empty') ? endRows(tag, source) : null;
  }

  for await (const chunk of inPieces(chunks)) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    let written = '';
    for (const { source, tag } of tokenizer.tokens(decoder.decode(chunk, { stream: true }))) {
      if (isSliceOver()) await nextSlice();
      const pieces = tag === null ? null : writeBoundary(source, tag);
      if (pieces === null) written += write(source, tag);
      else
        for await (const piece of pieces) {
          written += piece;
          if (written.length < WRITTEN_AT_ONCE) continue;
          yield Buffer.from(written);
          written = '';
        }
    }
    if (written !== '') yield Buffer.from(written);
  }
}

async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += READ_AT_ONCE) yield chunk.subarray(at, at + READ_AT_ONCE);
}

/** Copies the rows without changes, and shows those again that an earlier report hid. */
function openOtherRows(statusColumn: number | null) {
  /** The tag of a hidden row whose status is not read yet, and what follows it. */
  let held: { tag: string; rest: string } | null = null;
  let column = 0;
  return {
    write(source: string, tag: Tag | null): string {
      if (held === null) {
        if (statusColumn === null || tag?.name !== 'row' || tag.kind !== 'start') return source;
        if (!isTrue(attributesIn(source).get('hidden'))) return source;
        held = { tag: source, rest: '' };
        column = 0;
        return '';
      }
      if (tag?.name === 'c' && tag.kind !== 'end')
        column = placeOf(attributesIn(source).get('r') ?? '')?.column ?? column + 1;
      const hasStatus = tag?.name === 'c' && tag.kind === 'start' && column === statusColumn;
      held.rest += source;
      if (!hasStatus && tag?.name !== 'row' && held.rest.length < HELD_CHARACTERS) return '';
      const whole = (hasStatus ? withAttributes(held.tag, { hidden: null }) : held.tag) + held.rest;
      held = null;
      return whole;
    },
  };
}

type ChangedRow = ReturnType<typeof openRow>;

/** The cells of a changed row: those of the file, and new ones between them. */
function openRow(
  { row, cells, isHeader }: RowChange,
  prefix: string,
  styles: CellStyles,
  styleOf: (column: number) => number,
) {
  const changes = [...cells].toSorted(([one], [other]) => one - other);
  let at = 0;
  let column = 0;
  let lastStyle = styleOf(1);
  /** Inside a cell whose content is replaced. */
  let isReplaced = false;

  function newCell(place: number, { text, isRed }: CellChange, base: number): string {
    const shown = text?.slice(0, MAX_CELL_CHARACTERS) ?? '';
    const style = styles.changed(base, { isRed, hasLines: shown.includes('\n') });
    const attributes = `r="${lettersOf(place)}${row}"${style === 0 ? '' : ` s="${style}"`}`;
    if (shown === '') return style === 0 ? '' : `<${prefix}c ${attributes}/>`;
    return `<${prefix}c ${attributes} t="inlineStr"><${prefix}is><${prefix}t xml:space="preserve">${escaped(shown)}</${prefix}t></${prefix}is></${prefix}c>`;
  }

  function newCells(before: number): string {
    let added = '';
    for (let next = changes[at]; next !== undefined && next[0] < before; next = changes[++at]) {
      const [place, change] = next;
      const isNeeded = change.isRed || change.text !== '';
      if (isNeeded) added += newCell(place, change, isHeader ? lastStyle : styleOf(place));
    }
    return added;
  }

  function startCell(source: string, { kind }: Tag): string {
    const attributes = attributesIn(source);
    const style = numberIn(attributes, 's');
    column = placeOf(attributes.get('r') ?? '')?.column ?? column + 1;
    const added = newCells(column);
    const change = changes[at]?.[0] === column ? changes[at++]?.[1] : undefined;
    lastStyle = style;
    if (change?.text !== undefined) {
      isReplaced = kind === 'start';
      return added + newCell(column, change, style);
    }
    if (isHeader) return added + source;
    const changed = styles.changed(style, { isRed: change?.isRed ?? false, hasLines: false });
    return added + (changed === style ? source : withAttributes(source, { s: String(changed) }));
  }

  return {
    write(source: string, tag: Tag | null): string {
      if (tag?.name === 'c' && tag.kind !== 'end') return startCell(source, tag);
      const isShown = !isReplaced;
      if (tag?.name === 'c') isReplaced = false;
      return isShown ? source : '';
    },
    /** The cells after the last one of the file. */
    end: () => newCells(Infinity),
  };
}
