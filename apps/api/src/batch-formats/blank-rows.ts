import { invalid } from '../http/invalid.js';

/** The rows of an Excel sheet: the export of a sheet that is formatted to its end has almost as many blank rows. */
export const MAX_BLANK_ROWS = 2 ** 20;

/** Counts blank rows, because the limit on items does not apply to them. */
export function openBlankCounter() {
  let count = 0;
  return {
    /** @throws PixdockError invalid_request after MAX_BLANK_ROWS */
    add(): void {
      count++;
      if (count > MAX_BLANK_ROWS) throw invalid('too-many-blank-rows', { max: MAX_BLANK_ROWS });
    },
  };
}
