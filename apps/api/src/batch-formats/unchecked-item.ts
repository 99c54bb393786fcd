import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, detailOf, type ReasonParams, type RowReason } from '@pixdock/contract/messages/detail';
import type { Place } from '@pixdock/contract/messages/place';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import type { Warning } from '../http/warnings.js';

/** Longest valid row, line or item. Its cells are stored in the manifest, and hundreds of them are read at a time. */
export const MAX_ROW_BYTES = 64 * 1024;
/** Most bytes of one row that are read before the whole body counts as malformed. */
export const MAX_HELD_BYTES = 1024 * 1024;

/** A body of items that has begun to arrive. */
export interface OpenedItems {
  /** Names of the caller's own columns. */
  columns: string[];
  /** Whether it is one of our reports. */
  isReport?: boolean;
  items: AsyncIterable<UncheckedItem>;
  /** Complete once all items are read. */
  warnings: readonly Warning[];
  /** Further facts, once all items are read. `reuse` is a member of JSON. */
  facts: () => Partial<Pick<BatchEntry, 'workbook' | 'encoding' | 'delimiter'>> & { reuse?: string | null };
}

/** An item of the input before validation. A row with several URLs has several. */
export interface UncheckedItem {
  /** From 1. */
  row: number;
  /** Line of the file where the row begins, from 1; null in a body that is not divided into lines. */
  line: number | null;
  /** As the caller wrote them, in the order of the batch's columns. */
  cells: string[];
  /** The input of `itemSchema`. */
  value: unknown;
  /** The header of a field's column, or headers of several; unset in a body without columns. */
  columnOf?: (field: string) => string | undefined;
  /** The source, if the row contains it instead of a URL. */
  picture?: Picture;
  /** A fault that was found while reading the row. */
  fault: Fault | null;
}

/** A picture in a workbook. */
export interface Picture {
  filename: string;
  /** Null if the entry cannot be an image. */
  origin: EntryOrigin | null;
  fault: Fault | null;
}

/** What may be the source of a row: a picture, or the URL of one that a workbook only links. */
export type CellSource = Picture | { url: string };

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
