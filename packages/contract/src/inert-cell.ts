/** The beginning of a formula in Excel, LibreOffice or WPS; numbers are not formulas and stay unchanged. */
const FORMULA = /^(?:[\t\r]|\s*[=+\-@＝＋－＠])/u;
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;

/** A cell of a report that a spreadsheet does not execute. */
export function inertCell(cell: string): string {
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}
