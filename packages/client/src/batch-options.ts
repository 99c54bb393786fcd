import type { Item } from '@pixdock/contract/batch';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Status } from '@pixdock/contract/image';
import type { CallOptions } from './call-options.js';
import type { UploadProgress } from './http/body.js';

/** One image to fetch. */
export type BatchItem = Pick<Item, 'url'> & { [Name in Exclude<keyof Item, 'url'>]?: Item[Name] | undefined };
/** Items in row order. They are streamed and read once; an array is read once per try. */
export type BatchItems = Iterable<BatchItem> | AsyncIterable<BatchItem>;

/** Options of a batch. */
export interface CreateOptions extends CallOptions {
  /** Profile of items without their own. */
  profile?: string | undefined;
  /** CSV: maps headers to fields, `{ 'Picture URL': 'url' }`. Headers must not contain commas. */
  columns?: Readonly<Record<string, string>> | undefined;
  /** Gets the event of the batch. It has the scheme, host and port of one of your webhook endpoints. */
  webhookUrl?: string | undefined;
  /** Only checks the rows, without importing them. */
  dryRun?: boolean | undefined;
  idempotencyKey?: string | undefined;
  /** Media type of a file: `text/csv`, `application/x-ndjson`, `application/json` or `application/zip`. Required for a stream of bytes. */
  mediaType?: string | undefined;
  /** Called while the bytes are sent, last with all of them. A retry begins at 0 again. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** Result of a dry run. */
export interface DryRun {
  dryRun: true;
  rows: number;
  /** Images: a row may have several URLs. */
  total: number;
  valid: number;
  invalid: number;
  /** First columns of the report: all headers of a CSV file, `file` for an archive, else `source`. */
  columns: string[];
  faults: { row: number; field: string | null; code: ErrorCode; detail: string }[];
}

/** Filters by status or by failure code. */
export type ItemFilter = CallOptions &
  ({ status?: Status | undefined; code?: never } | { status?: never; code?: ErrorCode | undefined });
