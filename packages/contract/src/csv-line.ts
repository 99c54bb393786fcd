/** The beginning of a formula in Excel, LibreOffice or WPS; numbers are not formulas and stay unchanged. */
const FORMULA = /^(?:[\t\r]|\s*[=+\-@＝＋－＠])/u;
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;

/**
 * A place inside a cell where a formula would begin if the reader separates cells at semicolons or tabs. Quotes do not help
 * there: such a reader knows only quotes that follow its own separator.
 */
const INNER_FORMULA =
  /(?<=[;\t\r\n])(?=(?:"|[^\S;\t\r\n])*[=+\-@＝＋－＠])(?![+-]?\d+(?:[.,]\d+)*(?:[;\t\r\n]|$))/gu;

/** Readers end a row at CR or LF, too. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** A row of a CSV file with CRLF, in which spreadsheets execute no formulas, whatever separates their cells. Null is an empty cell. */
export const csvLine = (
  cells: readonly (string | number | null)[],
  delimiter: ',' | ';' | '\t' = ',',
): string =>
  `${cells.map((cell) => (typeof cell === 'string' ? quoted(inert(cell)) : (cell ?? ''))).join(delimiter)}\r\n`;

function inert(cell: string): string {
  const inside = cell.replaceAll(INNER_FORMULA, "'");
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${inside}` : inside;
}

const quoted = (cell: string) => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
