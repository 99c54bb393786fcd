import { invalid } from '../http/invalid.js';

/** As many rows as an Excel sheet has: exports of a sheet that is formatted to its end have nearly as many blank ones. */
export const MAX_BLANK_ROWS = 2 ** 20;

/** Counts blank rows, to which the limit on items does not apply. */
export function openBlankCounter() {
  let count = 0;
  return {
    /** @throws PixdockError invalid_request for one more than there may be */
    add(): void {
      count++;
      if (count > MAX_BLANK_ROWS) throw invalid('too-many-blank-rows', { max: MAX_BLANK_ROWS });
    },
  };
}
