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
      if (count > MAX_BLANK_ROWS) throw TOO_MANY_BLANK();
    },
  };
}

const TOO_MANY_BLANK = () =>
  invalid(
    `The file has more than ${MAX_BLANK_ROWS} blank rows, the most that this server reads; remove them.`,
    `文件中的空行超过 ${MAX_BLANK_ROWS} 行，这是服务器允许的上限；请删除空行。`,
  );
