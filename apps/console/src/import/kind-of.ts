import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';

const TYPES = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  zip: 'application/zip',
  workbook: WORKBOOK_TYPE,
} as const;

export type SheetKind = keyof typeof TYPES;

export const mediaTypeOf = (kind: SheetKind) => TYPES[kind];

/** The kind of a file by its name; null if it cannot become a batch. */
export function kindOf({ name }: Pick<File, 'name'>): SheetKind | null {
  if (/\.(csv|tsv|txt)$/i.test(name)) return 'csv';
  if (/\.(ndjson|jsonl)$/i.test(name)) return 'ndjson';
  if (/\.xls[xm]$/i.test(name)) return 'workbook';
  return /\.zip$/i.test(name) ? 'zip' : null;
}
