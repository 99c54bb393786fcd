import type { StoredError } from '../images/stored-error.js';
import { MAX_TABLE_BYTES, type Tables } from './stored.js';

/** What a line stores of the error of its row. */
interface LineFault {
  /** The number of the fault in the table, or the fault itself if the table is full. */
  fault: number | StoredError;
  value?: string;
  /** How many lines the row begins below the line with its number; absent: 0. */
  below?: number;
}

/** Collects values that many items of a batch share; a line then stores a number. */
export function openTables() {
  const tables: Tables = { profiles: [], faults: [] };
  const profiles = new Map<string, number>();
  const faults = new Map<string, number>();
  let bytes = 0;

  return {
    profile(name: string): number {
      const known = profiles.get(name);
      if (known !== undefined) return known;
      bytes += Buffer.byteLength(JSON.stringify(name)) + ','.length;
      profiles.set(name, profiles.size);
      return tables.profiles.push(name) - 1;
    },
    fault(error: StoredError, row: number): LineFault {
      const { common, own } = split(error, row);
      if (common === null) return { fault: error };
      const text = JSON.stringify(common);
      const known = faults.get(text);
      if (known !== undefined) return { fault: known, ...own };
      const size = Buffer.byteLength(text) + ','.length;
      if (bytes + size > MAX_TABLE_BYTES) return { fault: error };
      bytes += size;
      faults.set(text, faults.size);
      return { fault: tables.faults.push(common) - 1, ...own };
    },
    bytes: () => bytes,
    tables,
  };
}

/** The error of a row as it was added. */
export function faultAt(
  { faults }: Tables,
  number: number,
  row: number,
  { value, below = 0 }: { value?: string | undefined; below?: number | undefined },
): StoredError {
  const found = faults[number];
  if (found === undefined) throw new RangeError(`the tables have no fault ${number}`);
  const { line: hasLine, ...params } = found.params;
  const line = hasLine === undefined ? {} : { line: row + below };
  return { ...found, params: { row, ...line, ...(value === undefined ? {} : { value }), ...params } };
}

/** The part of an error that rows with the same problem share; null unless its sentence names the row. */
function split(
  error: StoredError,
  row: number,
): { common: StoredError | null; own?: Omit<LineFault, 'fault'> } {
  const { row: named, line, value, ...params } = error.params;
  if (named !== row) return { common: null };
  const hasLine = typeof line === 'number';
  return {
    // Any number says that the sentence names the line, which differs from row to row.
    common: { ...error, params: hasLine ? { ...params, line: 0 } : params },
    own: {
      ...(typeof value === 'string' ? { value } : {}),
      ...(hasLine && line !== row ? { below: line - row } : {}),
    },
  };
}
