import { COLUMN_NAMES, URL_NAME } from '../messages/column-names.js';
import { keyOfMetadataColumn } from './metadata-column.js';
import { URL_CELL } from './url-cell.js';

/** The meaning of a column of a sheet; `none` appears in the report only. */
export type ColumnField = 'none' | 'url' | 'externalId' | 'profile' | 'sha256' | 'metadata';

export const COLUMN_FIELDS: readonly ColumnField[] = [
  'none',
  'url',
  'externalId',
  'metadata',
  'profile',
  'sha256',
];

type Rows = readonly { cells: readonly string[] }[];

/** Guesses the field of each column by its header; without a header for URLs, by the cells. */
export function guessColumns({ columns, rows }: { columns: readonly string[]; rows: Rows }): ColumnField[] {
  const names = columns.map((header) => header.toLowerCase().replaceAll(/[\s_-]|(?<=no)\.$/g, ''));
  const fields = names.map(fieldNamed);
  // Only URLs may be in several columns.
  for (const single of ['externalId', 'profile', 'sha256'] as const) keepOne(fields, single, names);
  // A URL in the first row is data: as a header, it would be lost.
  if (fields.includes('url') || columns.some((header) => URL_CELL.test(header))) return fields;
  return fields.map((field, i) => (field === 'none' && hasUrls(rows, i) ? 'url' : field));
}

/** Whether the first row is data: a column of URLs has a URL as its header, or none is found and a header is a URL. */
export function lacksHeader(headers: readonly string[], fields: readonly ColumnField[]): boolean {
  const hasUrl = fields.includes('url');
  return headers.some((header, i) => URL_CELL.test(header) && (!hasUrl || fields[i] === 'url'));
}

/** The parameter `columns` of the API, by header. */
export function mappingOf(
  headers: readonly string[],
  fields: readonly ColumnField[],
): Record<string, string> {
  const mapping: Record<string, string> = {};
  headers.forEach((header, i) => {
    const field = fields[i] ?? 'none';
    if (field !== 'none' && header !== '')
      mapping[header] = field === 'metadata' ? `metadata.${keyOf(header)}` : field;
  });
  return mapping;
}

/** In the parameter, a colon and a comma end a pair. */
const keyOf = (header: string) => (keyOfMetadataColumn(header) ?? header).replaceAll(/[,:]/g, ' ');

function fieldNamed(name: string): ColumnField {
  // Sheets number columns of the same kind: image1, image2.
  const names = [name, name.replace(/\d+$/, '')];
  if (URL_NAME.test(names[1] ?? name)) return 'url';
  for (const field of ['url', 'externalId', 'profile', 'sha256'] as const)
    if (COLUMN_NAMES[field].some((known) => names.includes(known))) return field;
  return keyOfMetadataColumn(name) === null ? 'none' : 'metadata';
}

/** Keeps the column with the name of the field itself, else the first. */
function keepOne(fields: ColumnField[], field: ColumnField, names: readonly string[]): void {
  const exact = names.indexOf(field.toLowerCase());
  const kept = exact === -1 ? fields.indexOf(field) : exact;
  fields.forEach((one, i) => {
    if (one === field && i !== kept) fields[i] = 'none';
  });
}

function hasUrls(rows: Rows, column: number): boolean {
  const cells = rows.map((row) => row.cells[column] ?? '').filter((cell) => cell !== '');
  return cells.length > 0 && cells.filter((cell) => URL_CELL.test(cell)).length * 2 > cells.length;
}
