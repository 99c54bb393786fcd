import { WORKBOOK_COLUMNS } from '../messages/column-names.js';

/** The columns that a report adds after the caller's own, before those of further variants. */
const FIRST = ['row', 'id', 'externalId', 'status', 'url'];
/** Those after them. */
const LAST = ['code', 'reason', 'aiLabel', 'reusedId', 'position', 'source.url'];
const VARIANT = /^[a-z][a-z0-9-]*\.url$/;

/** The columns that the file of failed rows adds after the caller's own. */
const OF_FAILED = ['row', 'reason', 'fix', 'position'];

/** Put before a name of ours that the caller's own columns have. No variant begins with it. */
const PREFIX = 'pixdock_';

/** The names of the columns that a report adds: one for the URL of each of the `variants`. */
export const reportColumns = (own: readonly string[], variants: readonly string[]): string[] =>
  withPrefixes(own, [...FIRST, ...variants.map((variant) => `${variant}.url`), ...LAST]);

export const failedRowColumns = (own: readonly string[]): string[] => withPrefixes(own, OF_FAILED);

/** Where the columns of an earlier report begin in a workbook, from 0; -1 if it has none. */
export function findWorkbookColumns(header: readonly string[]): number {
  const names = Object.values(WORKBOOK_COLUMNS);
  return header.findIndex((_, at) =>
    names.some((three) => three.every((name, i) => header[at + i] === name)),
  );
}

/** Which columns of a sheet are the caller's own: callers correct failed rows and import them again. */
export function splitHeader(header: readonly string[]): {
  own: string[];
  /** The column that names the URL of a row that is meant; null in a workbook, and in a sheet that is not one of our reports. */
  position: number | null;
  /** Whether the sheet is one of our reports. */
  isReport: boolean;
} {
  const inWorkbook = findWorkbookColumns(header);
  if (inWorkbook !== -1 && inWorkbook + WORKBOOK_COLUMNS.en.length === header.length) {
    // They come after the last cell in use, which may be right of the caller's own header.
    const last = header.findLastIndex((name, i) => i < inWorkbook && name !== '');
    return { own: header.slice(0, last + 1), position: null, isReport: true };
  }
  const names = header.map((name) => name.replace(/^(?:pixdock_)+/, ''));
  const endsWith = (end: number, columns: readonly string[]) =>
    columns.every((name, i) => names[end - columns.length + i] === name);
  if (endsWith(names.length, OF_FAILED))
    return {
      own: header.slice(0, -OF_FAILED.length),
      position: names.lastIndexOf('position'),
      isReport: true,
    };
  let variants = names.length - LAST.length;
  while (VARIANT.test(names[variants - 1] ?? '')) variants--;
  if (endsWith(names.length, LAST) && endsWith(variants, FIRST))
    return {
      own: header.slice(0, variants - FIRST.length),
      position: names.lastIndexOf('position'),
      isReport: true,
    };
  return { own: [...header], position: null, isReport: false };
}

function withPrefixes(own: readonly string[], names: readonly string[]): string[] {
  const taken = new Set(own.map((name) => name.trim().toLowerCase()));
  return names.map((name) => {
    let free = name;
    while (taken.has(free.toLowerCase())) free = PREFIX + free;
    return free;
  });
}
