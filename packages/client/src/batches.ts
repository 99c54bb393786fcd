import type { Batch, Item, Reuse } from '@pixdock/contract/batch';
import type { DryRun } from '@pixdock/contract/dry-run';
import { encodedFileName } from '@pixdock/contract/encoded-file-name';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import type { SheetPreview } from '@pixdock/contract/sheet/preview';
import { countOf, DELETED_STATUSES, type Status } from '@pixdock/contract/status';
import type { Warnings } from '@pixdock/contract/submission-options';
import { type CallOptions, checkOptions } from './call-options.js';
import {
  type Body,
  type ByteSource,
  bodyOf,
  isOpenable,
  jsonBody,
  ndjsonBody,
  type UploadProgress,
  withProgress,
} from './http/body.js';
import { pages } from './http/pages.js';
import { createResource } from './http/resource.js';
import type { Transport } from './http/transport.js';

/** One image to fetch. */
export type BatchItem = Pick<Item, 'url'> & { [Name in Exclude<keyof Item, 'url'>]?: Item[Name] | undefined };
/** Items in row order. They are streamed and read once; an array is read once per try. */
export type BatchItems = Iterable<BatchItem> | AsyncIterable<BatchItem>;

/** Options of a batch. */
export interface CreateOptions extends CallOptions {
  /** Name of the batch. By default that of the file, for a `File` and for a source with a `name`. */
  name?: string | undefined;
  /** Profile of items without their own. */
  profile?: string | undefined;
  /** CSV and workbooks: maps headers to fields, `{ 'Picture URL': 'url' }`. */
  columns?: Readonly<Record<string, string>> | undefined;
  /** Workbooks: the name of the sheet; by default the first that is visible. */
  sheet?: string | undefined;
  /**
   * An item becomes the image that you have of the same URL (`url`), if its host says that the source has not changed, or of the
   * same bytes (`content`). Its `reusedId` names that image.
   */
  reuse?: readonly Reuse[] | undefined;
  /** Seconds from the submission to the deletion of the images, unless you keep them; for items that do not set their own. */
  deleteAfterSeconds?: number | undefined;
  /** Deletes images of earlier submissions with the same `externalId` once an item is published; not with `reuse`. */
  replace?: boolean | undefined;
  /** Gets the event of the batch. It has the scheme, host and port of one of your webhook endpoints. */
  webhookUrl?: string | undefined;
  /** Only checks the rows, without importing them. */
  dryRun?: boolean | undefined;
  idempotencyKey?: string | undefined;
  /**
   * Media type of a file: `text/csv`, `application/x-ndjson`, `application/json`, `application/zip`, or
   * `application/octet-stream` for an Excel workbook. Required for a stream of bytes.
   */
  mediaType?: string | undefined;
  /** Called while the bytes are sent, last with all of them. A retry begins at 0 again. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** Filters by status or by failure code. */
export type ItemFilter = CallOptions &
  ({ status?: Status | undefined; code?: never } | { status?: never; code?: ErrorCode | undefined });

const BATCHES = '/v1/batches';

const CREATE_OPTIONS = [
  'name',
  'profile',
  'columns',
  'sheet',
  'reuse',
  'deleteAfterSeconds',
  'replace',
  'webhookUrl',
  'dryRun',
  'idempotencyKey',
  'mediaType',
  'onProgress',
  'signal',
] satisfies (keyof CreateOptions)[];

/** Operations on batches. All throw `PixdockApiError`, or the reason of their `signal` once it aborts. */
export function createBatches(transport: Transport) {
  return {
    ...createResource<Batch>(transport, BATCHES, isFinalBatch),

    /**
     * Submits many images and resolves once the server has the whole input. Items are streamed as NDJSON; a file is sent
     * unchanged. A dry run resolves with its result. After a network error, an array, a Blob, bytes or a source with `open`
     * is sent again; a stream or a generator is not.
     * @throws TypeError for a path instead of bytes, or for an unknown option
     */
    async create<Options extends CreateOptions>(
      input: BatchItems | ByteSource,
      options: Options = {} as Options,
    ): Promise<Options extends { dryRun: true } ? DryRun : Batch & { warnings?: Warnings }> {
      checkOptions(options, CREATE_OPTIONS);
      const { columns, reuse = [], replace, dryRun, ...others } = options;
      const { idempotencyKey, mediaType, signal, onProgress, ...fields } = others;
      const query = {
        ...fields,
        columns: columns && columnsOf(columns),
        reuse: reuse.join(',') || undefined,
        replace: replace ? true : undefined,
        dryRun: dryRun ? true : undefined,
      };
      const body = withProgress(toBody(input, mediaType), onProgress);
      const headers = { 'Content-Disposition': dispositionOf(input) };
      const call = { method: 'POST', path: BATCHES, query, headers, body, idempotencyKey, signal } as const;
      // A dry run creates nothing.
      return transport.read(dryRun ? { ...call, harmless: true } : { ...call, creates: true });
    },

    /**
     * Reads the header row and the first rows of a sheet as the server reads them: of a CSV file from its first
     * `PREVIEW_BYTES`, of an Excel workbook from all of it.
     * @param sheet that of a workbook, by default the first that is visible
     */
    preview(
      source: Blob | Uint8Array<ArrayBuffer>,
      { sheet, mediaType = 'text/csv', signal }: Pick<CreateOptions, 'sheet' | 'mediaType' | 'signal'> = {},
    ): Promise<SheetPreview> {
      const body = bodyOf(source, mediaType);
      const path = `${BATCHES}/preview`;
      return transport.read({ method: 'POST', path, query: { sheet }, body, harmless: true, signal });
    },

    /** Batches of this key, newest first; only those whose name contains `name`, if set. */
    list({
      name,
      signal,
    }: CallOptions & { name?: string | undefined } = {}): AsyncGenerator<Batch, void, undefined> {
      return pages<Batch>(transport, BATCHES, { name }, signal);
    },

    /** Gives a batch another name, of at most 255 characters. */
    async rename(id: string, name: string, { signal }: CallOptions = {}): Promise<Batch> {
      return transport.read({ method: 'PATCH', path: pathOf(id), body: jsonBody({ name }), signal });
    },

    /** Images of a batch in row order. Pages are read on demand. */
    items(id: string, { signal, ...filter }: ItemFilter = {}): AsyncGenerator<Image, void, undefined> {
      return pages<Image>(transport, `${pathOf(id)}/items`, filter, signal);
    },

    /**
     * The result of each row in row order, or of those with a status or error code, as UTF-8: CSV with a header, or NDJSON; or as
     * `xlsx` the Excel workbook that the batch was imported from, with the result of every row in it. Reading the stream throws
     * the same errors as calls.
     */
    report(
      id: string,
      format: 'csv' | 'ndjson' | 'xlsx',
      { language, status, code, signal }: ItemFilter & { language?: 'en' | 'zh' | undefined } = {},
    ): Promise<ReadableStream<Uint8Array>> {
      const [headers, query] = [{ 'Accept-Language': language }, { status, code }];
      const path = `${pathOf(id)}/report.${format}`;
      return transport.stream({ method: 'GET', path, query, headers, signal });
    },

    /** The rows that failed, as CSV in the encoding of your sheet, with reason and fix: correct them and import the file. */
    failedRows(
      id: string,
      { language, signal }: CallOptions & { language?: 'en' | 'zh' | undefined } = {},
    ): Promise<ReadableStream<Uint8Array>> {
      const headers = { 'Accept-Language': language };
      return transport.stream({ method: 'GET', path: `${pathOf(id)}/failed.csv`, headers, signal });
    },

    /** Retries failed images; only those with `code`, if set. */
    async retry(
      id: string,
      { code, signal }: CallOptions & { code?: ErrorCode | undefined } = {},
    ): Promise<Batch> {
      return transport.read({ method: 'POST', path: `${pathOf(id)}/retry`, query: { code }, signal });
    },

    /** Cancels images that are not final. */
    async cancel(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return transport.read({ method: 'POST', path: `${pathOf(id)}/cancel`, signal });
    },
  };
}

/** Whether the batch has ended and no deletion is in progress. */
function isFinalBatch({ status, deleteRequestedAt, counts, total }: Batch): boolean {
  return status !== 'running' && (deleteRequestedAt === null || countOf(counts, DELETED_STATUSES) === total);
}

const pathOf = (id: string) => `${BATCHES}/${encodeURIComponent(id)}`;

function columnsOf(columns: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(columns).map((pair) => pair.join(':'));
  return pairs.join(',') || undefined;
}

/** The header with the file name of a source that has one. */
function dispositionOf(input: BatchItems | ByteSource): string | undefined {
  const name = typeof input === 'object' && 'name' in input ? input.name : undefined;
  return typeof name === 'string' && name !== '' ? `attachment; ${encodedFileName(name)}` : undefined;
}

function toBody(input: BatchItems | ByteSource, mediaType: string | undefined): Body {
  // A string is iterable, too.
  if (typeof input === 'string') return bodyOf(input, mediaType);
  const isFile =
    mediaType !== undefined || input instanceof Blob || ArrayBuffer.isView(input) || isOpenable(input);
  return isFile ? bodyOf(input as ByteSource, mediaType) : ndjsonBody(input as BatchItems);
}
