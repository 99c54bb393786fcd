import { MAX_ROW_BYTES } from './unchecked-item.js';

/** The cells of a row; null for a row longer than MAX_ROW_BYTES, which is not kept in memory. */
export type Cells = string[] | null;

const QUOTE = '"';
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LINE_END = /[\r\n]/;

/**
 * Splits pieces of CSV text into rows (RFC 4180). A row ends with CRLF, LF or CR, also mixed in one file; a quote within an
 * unquoted cell, or text after a closing quote, is part of the cell.
 *
 * csv-parse would do the same, but takes ten times as long, cannot pause within a piece, and creates an error object with a
 * copy of the cells for each row that is shorter or longer than the first. The tests compare both.
 */
export function openCsvSplitter(delimiter: string) {
  const delimiterCode = delimiter.charCodeAt(0);
  let cells: string[] = [];
  let cell = '';
  let isCellEmpty = true;
  let wasQuoted = false;
  let isQuoting = false;
  /** Bytes of the row, plus one for each cell. */
  let size = 0;
  /** A quote at the end of a piece; the next character decides its meaning. */
  let held = '';
  let skipLineFeed = false;
  /** Line of the text that is read, from 1. */
  let line = 1;
  /** Line where the row begins. */
  let rowBegin = 1;
  let lineOfEndedRow = 1;
  let isAfterCarriageReturn = false;

  function addText(text: string): void {
    if (text === '') return;
    isCellEmpty = false;
    size += text.length;
    if (size <= MAX_ROW_BYTES) cell += text;
    else [cell, cells] = ['', []];
  }

  function addQuoted(text: string): void {
    if (LINE_END.test(text)) countLineEnds(text);
    else if (text !== '') isAfterCarriageReturn = false;
    addText(text);
  }

  /** A CRLF counts as one line end, also if it lies in two pieces. */
  function countLineEnds(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === CARRIAGE_RETURN || (code === LINE_FEED && !isAfterCarriageReturn)) line++;
      isAfterCarriageReturn = code === CARRIAGE_RETURN;
    }
  }

  function endCell(): void {
    size++;
    if (size <= MAX_ROW_BYTES) cells.push(cell);
    else cells = [];
    cell = '';
    isCellEmpty = true;
    wasQuoted = false;
  }

  function endRow(): Cells {
    endCell();
    lineOfEndedRow = rowBegin;
    rowBegin = ++line;
    const row = size > MAX_ROW_BYTES ? null : cells;
    cells = [];
    size = 0;
    return row;
  }

  function endsCell(code: number): boolean {
    return code === delimiterCode || code === LINE_FEED || code === CARRIAGE_RETURN;
  }

  /** Reads quoted text from `at`; returns the position after it. */
  function readQuoted(text: string, at: number, isEnd: boolean): number {
    const quote = text.indexOf(QUOTE, at);
    if (quote === -1) {
      addQuoted(text.slice(at));
      return text.length;
    }
    const after = quote + 1;
    if (after === text.length && !isEnd) {
      addQuoted(text.slice(at, quote));
      held = QUOTE;
      return after;
    }
    if (text[after] === QUOTE) {
      addQuoted(text.slice(at, after));
      return after + 1;
    }
    addQuoted(text.slice(at, quote));
    isAfterCarriageReturn = false;
    isQuoting = false;
    wasQuoted = true;
    if (after < text.length && !endsCell(text.charCodeAt(after))) {
      cell = QUOTE + cell;
      addText(QUOTE);
    }
    return after;
  }

  return {
    /** Yields the rows that end in this piece of text; the caller may pause between rows. */
    *split(piece: string): Generator<Cells> {
      yield* rowsOf(held + piece, false);
    },
    /** The line where the row that was yielded last begins, from 1. */
    lineOfRow: () => lineOfEndedRow,
    /** The last row if no line end follows it; null if a quote is not closed. */
    end(): Cells[] | null {
      const last = [...rowsOf(held, true)];
      if (isQuoting) return null;
      return wasQuoted || !isCellEmpty || cells.length > 0 || size > 0 ? [...last, endRow()] : last;
    },
  };

  function* rowsOf(text: string, isEnd: boolean): Generator<Cells> {
    held = '';
    let at = 0;
    if (skipLineFeed && text.length > 0) {
      if (text.charCodeAt(0) === LINE_FEED) at = 1;
      skipLineFeed = false;
    }
    while (at < text.length) {
      if (isQuoting) {
        at = readQuoted(text, at, isEnd);
        continue;
      }
      if (isCellEmpty && !wasQuoted && text[at] === QUOTE) {
        isQuoting = true;
        at++;
        continue;
      }
      let end = at;
      while (end < text.length && !endsCell(text.charCodeAt(end))) end++;
      if (end > at) addText(text.slice(at, end));
      if (end === text.length) return;
      at = end + 1;
      const code = text.charCodeAt(end);
      if (code === delimiterCode) {
        endCell();
        continue;
      }
      if (code === CARRIAGE_RETURN) {
        if (at === text.length) skipLineFeed = true;
        else if (text.charCodeAt(at) === LINE_FEED) at++;
      }
      yield endRow();
    }
  }
}
