import { type Detail, detailText, locate } from '@pixdock/contract/messages/detail';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import { type StoredError, storedError } from '../records/stored-error.js';
import { MAX_TABLE_BYTES, type TableFault, type Tables } from './stored.js';

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
    profile(name: string): number | string {
      const known = profiles.get(name);
      if (known !== undefined) return known;
      bytes += Buffer.byteLength(JSON.stringify(name)) + ','.length;
      profiles.set(name, profiles.size);
      return tables.profiles.push(name) - 1;
    },
    fault(error: StoredError, row: number): LineFault {
      const { common, own } = split(error, row);
      // Without the reason, since a line takes a limited multiple of the bytes of its row.
      const inFull: LineFault = { fault: { code: error.code, detail: error.detail } };
      if (common === null) return inFull;
      const text = JSON.stringify(common);
      const known = faults.get(text);
      if (known !== undefined) return { fault: known, ...own };
      const size = Buffer.byteLength(text) + ','.length;
      if (bytes + size > MAX_TABLE_BYTES) return inFull;
      bytes += size;
      faults.set(text, faults.size);
      return { fault: tables.faults.push(common) - 1, ...own };
    },
    bytes: () => bytes,
    text: () => JSON.stringify(tables),
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
  if (found === undefined) throw new RangeError(`tables.json has no fault ${number}`);
  const detail = detailSchema.safeParse({ reason: found.reason, params: found.params });
  if (detail.success) {
    const { line: hasLine, ...params } = detail.data.params;
    const line = hasLine === undefined ? undefined : row + below;
    return storedError(found.code, locate({ reason: detail.data.reason, params }, { row, line, value }));
  }
  const join = ([before, after]: [string, string]) => before + row + after;
  return { code: found.code, detail: { en: join(found.en), zh: join(found.zh) } };
}

/** The part of an error that rows with the same problem share; null unless its sentences name the row. */
function split(
  error: StoredError,
  row: number,
): { common: TableFault | null; own?: Omit<LineFault, 'fault'> } {
  const detail = detailSchema.safeParse(error);
  if (!detail.success) return { common: commonOf(error.code, error.detail, row) };
  const { row: _, line, value, ...params } = detail.data.params;
  const unquoted: Detail = { reason: detail.data.reason, params };
  const texts = detailText(locate(unquoted, { row }));
  const found = commonOf(error.code, texts, row);
  const hasLine = typeof line === 'number';
  return {
    // Any number says that the sentences name the line, which differs from row to row.
    common: found && { ...found, ...unquoted, params: hasLine ? { ...params, line: 0 } : params },
    own: {
      ...(typeof value === 'string' ? { value } : {}),
      ...(hasLine && line !== row ? { below: line - row } : {}),
    },
  };
}

function commonOf(code: StoredError['code'], text: StoredError['detail'], row: number): TableFault | null {
  const [en, zh] = [halvesOf(text.en, row), halvesOf(text.zh, row)];
  return en === null || zh === null ? null : { code, en, zh };
}

// The first occurrence of the number is the row's, since the sentences begin with the row. Any other one is restored as well.
function halvesOf(text: string, row: number): [string, string] | null {
  const at = text.indexOf(String(row));
  return at === -1 ? null : [text.slice(0, at), text.slice(at + String(row).length)];
}
