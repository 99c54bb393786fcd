/** A row of a sheet, as one character per byte, and where it ends. */
export interface RawRow {
  cells: string[];
  /** As a spreadsheet numbers it: the header is row 1, and blank rows count. */
  row: number;
  /** The offset behind its line end. */
  end: number;
}

const DELIMITERS = [',', '\t', ';'];

/**
 * Splits the head of a CSV file, whose characters are bytes: neither in UTF-8 nor in GB18030 does a quote, a delimiter or a
 * line end occur within a longer character. Blank lines are left out, as by the server.
 * @param isWhole whether the text is the whole file; otherwise a last row without a line end is left out
 */
export function splitCsv(text: string, isWhole: boolean, maxRows: number): RawRow[] {
  const delimiter = delimiterOf(text);
  const rows: RawRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let row = 0;
  const endRow = (end: number) => {
    cells.push(cell);
    row++;
    if (cells.some((one) => one.trim() !== '')) rows.push({ cells, row, end });
    cells = [];
    cell = '';
  };
  for (let at = 0; at < text.length && rows.length < maxRows; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') {
      isQuoted = true;
      cell = '';
    } else if (character === delimiter) {
      cells.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++;
      endRow(at + 1);
    } else cell += character;
  }
  if (isWhole && rows.length < maxRows && !isQuoted) endRow(text.length);
  return rows;
}

/** The delimiter that is most frequent in the first line. */
function delimiterOf(text: string): string {
  const [line = ''] = text.trimStart().split(/[\r\n]/, 1);
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}
