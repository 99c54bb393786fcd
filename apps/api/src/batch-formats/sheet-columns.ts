import { printable } from '@pixdock/contract/messages/values';
import { MAX_ROW_ITEMS } from '@pixdock/shared/state/manifest/stored';
import { type Field, fieldsOf, type Mapping, misspelledColumns } from './csv-columns.js';
import { type CellSource, type Fault, rowFault, type UncheckedItem } from './unchecked-item.js';

export type RowNumbers = Pick<UncheckedItem, 'row' | 'line'>;

interface Known {
  /** Found while the cells were read. */
  fault: Fault | null;
  /** Number of the URL that is meant, in a row of a report. */
  position?: string | undefined;
  /** By column, from 1. */
  pictures?: readonly { column: number; source: CellSource }[];
}

/**
 * The columns of a sheet with their fields.
 * @param mayHavePictures then no column of URLs is needed
 * @throws PixdockError invalid_request if the header row does not fit the mapping or has no column of URLs
 */
export function openSheetColumns(columns: string[], mapping: Mapping, mayHavePictures = false) {
  const fields = fieldsOf(columns, mapping, !mayHavePictures);
  const columnsWithField = [...fields.entries()].flatMap(([i, field]) =>
    field === null ? [] : [{ i, field }],
  );
  const columnOf = (field: string) => {
    const headers = columnsWithField.flatMap((one) => (one.field === field ? (columns[one.i] ?? []) : []));
    return headers.length === 0 ? undefined : headers.join(' / ');
  };

  return {
    warnings: misspelledColumns(columns, fields),
    /** Whether a column contains URLs; from 0. */
    isUrl: (column: number) => fields[column] === 'url',
    /**
     * The items of a row: one for each URL and picture in its columns of URLs, or one with a fault. In a row that has none there,
     * every picture counts.
     */
    itemsOf(numbers: RowNumbers, cells: string[], known: Known): UncheckedItem[] {
      const at = { ...numbers, columnOf, cells };
      const { fault, urls, value } = readRow(columnsWithField, cells);
      if (known.fault !== null) return [{ ...at, value, fault: known.fault }];
      const { pictures = [], position } = known;
      const inUrlColumns = pictures.filter(({ column }) => fields[column - 1] === 'url');
      const isElsewhere = urls.length === 0 && inUrlColumns.length === 0;
      const sources: CellSource[] = [
        ...urlsAt(urls, position).map((url) => ({ url })),
        ...(isElsewhere ? pictures : inUrlColumns).map(({ source }) => source),
      ];
      if (sources.length === 0) return [{ ...at, value, fault: fields.includes('url') ? NO_URL : NO_SOURCE }];
      if (sources.length > MAX_ROW_ITEMS) return [{ ...at, value, fault: TOO_MANY_URLS }];
      return sources.map((source) =>
        'url' in source
          ? { ...at, value: { ...value, url: source.url }, fault }
          : { ...at, value, picture: source, fault: fault ?? source.fault },
      );
    },
    /** The item of a row whose cells cannot be read. */
    faultyRow: (numbers: RowNumbers, fault: Fault) => ({
      ...numbers,
      columnOf,
      cells: [],
      value: null,
      fault,
    }),
  };
}

interface ReadRow {
  urls: string[];
  value: Record<string, unknown>;
  fault: Fault | null;
}

function readRow(columns: { i: number; field: Field }[], cells: string[]): ReadRow {
  const urls: string[] = [];
  const value: Record<string, unknown> = {};
  let metadata: unknown;
  let fault: Fault | null = null;
  const keys: [string, string][] = [];
  for (const { i, field } of columns) {
    const cell = (cells[i] ?? '').trim();
    if (cell === '') continue;
    if (field === 'url') urls.push(...splitUrls(cell));
    else if (field === 'metadata') {
      try {
        metadata = JSON.parse(cell);
      } catch {
        fault = NOT_METADATA(cell);
      }
    } else if (field.startsWith('metadata.')) keys.push([field.slice('metadata.'.length), cell]);
    else value[field] = cell;
  }
  if (keys.length > 0 && (metadata === undefined || isObject(metadata))) {
    const known = metadata ?? {};
    const twice = keys.find(([key]) => Object.hasOwn(known, key));
    if (twice !== undefined) fault = KEY_TWICE(twice[0]);
    metadata = Object.fromEntries([...Object.entries(known), ...keys]);
  }
  if (metadata !== undefined) value['metadata'] = metadata;
  return { urls, value, fault };
}

// White space and commas are part of many URLs, so they separate two URLs only directly before http(s)://.
const BETWEEN = /[\r\n|]|[\s,;，；、](?=https?:\/\/)/i;
const LEFT_OVER = /\s?[,;，；、]$/;

/** Parts of a cell that are read, including blank ones. */
const MAX_PARTS = 10 * MAX_ROW_ITEMS;

/** Splits a cell into URLs: shop systems write several into one cell. MAX_PARTS truncates it to more than MAX_ROW_ITEMS. */
function splitUrls(cell: string): string[] {
  const parts = cell.split(BETWEEN, MAX_PARTS).map((part) => part.trim());
  if (parts.length === MAX_PARTS) return parts;
  return parts
    .map((part, i) => (i === parts.length - 1 ? part : part.replace(LEFT_OVER, '')))
    .filter((part) => part !== '');
}

/** A report has a line for each image of a row, and each of these lines has all URLs of the row. */
function urlsAt(urls: string[], position = ''): string[] {
  const url = urls[Number(position) - 1];
  return url === undefined ? urls : [url];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const NO_URL = rowFault('url', 'cell-empty', {});
const NO_SOURCE = rowFault(null, 'row-without-source', {});
const TOO_MANY_URLS = rowFault('url', 'row-too-many-urls', { max: MAX_ROW_ITEMS });
const NOT_METADATA = (value: string) => rowFault('metadata', 'metadata-not-json', { value });
const KEY_TWICE = (key: string) => rowFault(printable(`metadata.${key}`), 'repeated', {});
