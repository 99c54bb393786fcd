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
      if (count > MAX_BLANK_ROWS) throw TOO_MANY_BLANK();
    },
  };
}

const TOO_MANY_BLANK = () =>
  invalid(
    `The file has more than ${MAX_BLANK_ROWS} blank rows, the most that this server reads; remove them.`,
    `文件中的空行超过 ${MAX_BLANK_ROWS} 行，这是服务器允许的上限；请删除空行。`,
  );
