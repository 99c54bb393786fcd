/** The columns and rows of an Excel sheet. */
export const LAST_COLUMN = 16_384;
const LAST_ROW = 1_048_576;

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

/** The number in the attribute `r` of a row. */
export function rowOf(text: string | undefined): number | null {
  const row = Number(text);
  return Number.isInteger(row) && row > 0 && row <= LAST_ROW ? row : null;
}
