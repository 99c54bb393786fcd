import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { MAX_COLUMNS } from '../../batch-formats/csv-columns.js';
import { lettersOf, placeOf, rowOf } from '../../batch-formats/workbook/sheet.js';
import { encodingOf } from '../../batch-formats/workbook/xml.js';
import type { CellStyles } from './styles.js';
import { attributesIn, escaped, openTokenizer, type Tag, withAttributes } from './tokens.js';

/** What a report says about one row of a sheet. */
export interface RowChange {
  row: number;
  /** Whether new cells look like the cell before them. */
  isHeader: boolean;
  /** By column, from 1. */
  cells: ReadonlyMap<number, CellChange>;
}

export interface CellChange {
  /** Without it, the content of the cell stays. */
  text?: string;
  isRed: boolean;
}

/** Excel shows no more characters of a cell. */
const MAX_CELL_CHARACTERS = 32_767;

/**
 * Writes a sheet again (ECMA-376 part 1, 18.3) with changed rows. Everything else stays as it is, except the size of the
 * sheet and of its rows, which are hints to readers.
 * @param changes in the order of the rows of the file; a row that the file lacks is added
 */
export async function* changeSheet(
  chunks: AsyncIterable<Buffer>,
  changes: AsyncIterator<RowChange>,
  styles: CellStyles,
): AsyncGenerator<Buffer> {
  const tokenizer = openTokenizer();
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  const columnStyles = openColumnStyles();
  let isInRows = false;
  let row = 0;
  let current: ChangedRow | null = null;
  let next = await take();

  async function take(): Promise<RowChange | null> {
    const { done, value } = await changes.next();
    return done === true ? null : value;
  }

  /** Rows that the file lacks, before the row with a number. */
  async function addedRows(prefix: string, before: number): Promise<string> {
    let added = '';
    for (; next !== null && next.row < before; next = await take()) {
      const cells = openRow(next, prefix, styles, styleOf('')).end();
      if (cells !== '') added += `<${prefix}row r="${next.row}">${cells}</${prefix}row>`;
    }
    return added;
  }

  async function startRow(source: string, { prefix, kind }: Tag): Promise<string> {
    row = rowOf(attributesIn(source).get('r')) ?? row + 1;
    const added = await addedRows(prefix, row);
    if (next?.row !== row) return added + source;
    const opened = openRow(next, prefix, styles, styleOf(source));
    next = await take();
    const tag = withAttributes(source, { spans: null });
    if (kind === 'empty') return `${added}${tag.slice(0, -2)}>${opened.end()}</${prefix}row>`;
    current = opened;
    return added + tag;
  }

  /** The style of the cells that the file lacks in a row, by their column. */
  function styleOf(rowTag: string): (column: number) => number {
    const attributes = attributesIn(rowTag);
    const own = attributes.has('customFormat') ? numberIn(attributes, 's') : 0;
    if (own !== 0) return () => own;
    return columnStyles.of;
  }

  async function write(source: string, tag: Tag | null): Promise<string> {
    const { name, prefix = '', kind } = tag ?? {};
    if (!isInRows) {
      if (source.startsWith('<?xml'))
        return source.replace(/encoding\s*=\s*(["'])[^"']*\1/, 'encoding="UTF-8"');
      if (name === 'col') columnStyles.add(source);
      if (name === 'dimension') return '';
      if (name !== 'sheetData' || kind === 'end') return source;
      isInRows = kind === 'start';
      if (isInRows) return source;
      return `${source.slice(0, -2)}>${await addedRows(prefix, Infinity)}</${prefix}sheetData>`;
    }
    if (name === 'sheetData') {
      isInRows = false;
      return (await addedRows(prefix, Infinity)) + source;
    }
    if (name === 'row' && kind !== 'end') return startRow(source, { name, prefix, kind: kind ?? 'start' });
    if (current === null) return source;
    if (name !== 'row') return current.write(source, tag);
    const rest = current.end();
    current = null;
    return rest + source;
  }

  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    let written = '';
    for (const { source, tag } of tokenizer.tokens(decoder.decode(chunk, { stream: true }))) {
      if (isSliceOver()) await nextSlice();
      written += await write(source, tag);
    }
    if (written !== '') yield Buffer.from(written);
  }
}

/** The styles of columns, those of cells that the file lacks. */
function openColumnStyles() {
  const styles: number[] = [];
  let tags = 0;
  return {
    add(source: string): void {
      if (++tags > MAX_COLUMNS) return;
      const attributes = attributesIn(source);
      const last = Math.min(numberIn(attributes, 'max'), MAX_COLUMNS);
      for (let at = Math.max(1, numberIn(attributes, 'min')); at <= last; at++)
        styles[at] = numberIn(attributes, 'style');
    },
    of: (column: number) => styles[column] ?? 0,
  };
}

const numberIn = (attributes: ReadonlyMap<string, string>, name: string) => Number(attributes.get(name)) || 0;

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
