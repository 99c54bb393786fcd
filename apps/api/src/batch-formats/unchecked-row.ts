import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, detailOf, type ReasonParams, type RowReason } from '@pixdock/contract/messages/detail';
import type { Place } from '@pixdock/contract/messages/place';

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
  /** Without the row and the field. */
  detail: Detail;
}

export function rowFault<R extends RowReason>(
  field: string | null,
  reason: R,
  params: Omit<ReasonParams[R], keyof Place>,
): Fault {
  const detail = detailOf<RowReason>(reason, params as never);
  return { field, code: 'invalid_row', detail };
}

export const TOO_LONG_ROW = rowFault(null, 'row-too-long', { max: MAX_ROW_BYTES });
export const NOT_UTF8 = rowFault(null, 'row-not-utf8', {});
