import type { ErrorCode, Text } from '@pixdock/contract/error-table';

/** Longest row, line or item that can be one; its cells go into the manifest, of which hundreds are read at a time. */
export const MAX_ROW_BYTES = 64 * 1024;
/** What is held of a row that is longer, to say so, before the whole body counts as broken. */
export const MAX_HELD_BYTES = 1024 * 1024;

/** A row of the input, before anything in it is believed. */
export interface UncheckedRow {
  /** From 1. */
  row: number;
  /** As the caller wrote them, in the order of the batch's columns. */
  cells: string[];
  /** What `itemSchema` is to judge. */
  value: unknown;
  /** What speaks against it already. */
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
