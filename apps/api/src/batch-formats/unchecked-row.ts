import type { ErrorCode, Text } from '@pixdock/contract/error-table';

/** Longest valid row, line or item. Its cells are stored in the manifest, and hundreds of them are read at a time. */
export const MAX_ROW_BYTES = 64 * 1024;
/** Most bytes of one row that are read before the whole body counts as malformed. */
export const MAX_HELD_BYTES = 1024 * 1024;

/** A row of the input before validation. */
export interface UncheckedRow {
  /** From 1. */
  row: number;
  /** As the caller wrote them, in the order of the batch's columns. */
  cells: string[];
  /** The input of `itemSchema`. */
  value: unknown;
  /** A fault that was found while reading the row. */
  fault: Fault | null;
}

export interface Fault {
  field: string | null;
  code: ErrorCode;
  /** Goes on after "Row 17" or "Row 17, url:". */
  says: Text;
}

export function rowFault(field: string | null, en: string, zh: string): Fault {
  return { field, code: 'invalid_row', says: { en, zh } };
}

export const TOO_LONG_ROW = rowFault(
  null,
  `is longer than ${MAX_ROW_BYTES} bytes`,
  `超过 ${MAX_ROW_BYTES} 字节`,
);
export const NOT_UTF8 = rowFault(null, 'is not UTF-8 text', '不是 UTF-8 文本');

/** The sentence for the caller. */
export function detailOf(row: number, { field, says }: Fault): Text {
  return field === null
    ? { en: `Row ${row} ${says.en}.`, zh: `第 ${row} 行${says.zh}。` }
    : { en: `Row ${row}, ${field}: ${says.en}.`, zh: `第 ${row} 行，${field}：${says.zh}。` };
}
