import type { Batch, Item } from '@pixdock/contract/batch';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image, Status } from '@pixdock/contract/image';
import { type Body, type ByteSource, bodyOf, isOpenable } from './http/body.js';
import { ndjsonBody } from './http/ndjson.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';
import { type WaitOptions, waitUntilFinal, watch } from './http/watch.js';
import type { CallOptions } from './images.js';

/** One image to fetch. */
export type BatchItem = Pick<Item, 'url'> & { [Name in Exclude<keyof Item, 'url'>]?: Item[Name] | undefined };
/** Items in the order of the rows that they become; read once and streamed, an array once for each try. */
export type BatchItems = Iterable<BatchItem> | AsyncIterable<BatchItem>;

/** What goes with a batch beside its items. */
export interface CreateOptions extends CallOptions {
  /** Of items that name none. */
  profile?: string | undefined;
  /** CSV: which header is which field, `{ 'Picture URL': 'url' }`. A header with a comma cannot be named. */
  columns?: Readonly<Record<string, string>> | undefined;
  /** Only checks the rows. */
  dryRun?: boolean | undefined;
  idempotencyKey?: string | undefined;
  /** Of a file: `text/csv`, `application/x-ndjson`, `application/json` or `application/zip`. Without it, a stream is one of items. */
  mediaType?: string | undefined;
}

/** What a dry run found. */
export interface DryRun {
  dryRun: true;
  total: number;
  valid: number;
  invalid: number;
  /** What a line of the report begins with: all headers of a CSV file, `file` for an archive, else `source`. */
  columns: string[];
  faults: { row: number; field: string | null; code: ErrorCode; detail: string }[];
}

/** By status, or by the code of the failure. */
export type ItemFilter = CallOptions &
  ({ status?: Status | undefined; code?: never } | { status?: never; code?: ErrorCode | undefined });

/** Everything about batches. All throw `PixdockApiError`, or the reason of their `signal` once that is aborted. */
export function createBatches(transport: Transport) {
  return {
    /**
     * Submits many images and resolves once the server has the whole input. Items are streamed as NDJSON; a file is sent
     * as it is, with its media type. A dry run resolves with what it found. An array, a Blob, bytes or a source with `open`
     * can be sent again after a fault of the network; a stream or a generator cannot.
     * @throws TypeError for `columns` with a comma in a name
     */
    async create<Options extends CreateOptions>(
      input: BatchItems | ByteSource,
      options: Options = {} as Options,
    ): Promise<Options extends { dryRun: true } ? DryRun : Batch> {
      const { profile, columns, dryRun, idempotencyKey, mediaType, signal } = options;
      const query = { profile, columns: columns && columnsOf(columns), dryRun: dryRun ? true : undefined };
      const body = toBody(input, mediaType);
      const call = { method: 'POST', path: '/v1/batches', query, body, idempotencyKey, signal } as const;
      // A dry run creates nothing.
      const answer = await transport.json(dryRun ? { ...call, harmless: true } : { ...call, creates: true });
      return answer.body as never;
    },

    /** The batch as it is now. Throws `not_found` for one that is not yours, too. */
    async get(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'GET', path: pathOf(id), signal })).body;
    },

    /** Yours, newest first. */
    list({ signal }: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
      return pages<Batch>(transport, '/v1/batches', {}, signal);
    },

    /** Snapshots with rising versions; ends with the final one. */
    watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
      return watch<Batch>(transport, pathOf(id), isFinalBatch, signal);
    },

    /** Resolves with the final batch, whatever its status. Throws a `TimeoutError` after `timeoutMs`, if that is given. */
    waitFor(id: string, options: WaitOptions = {}): Promise<Batch> {
      return waitUntilFinal<Batch>(transport, pathOf(id), isFinalBatch, options);
    },

    /** Its images, in row order; pages are read as they are needed. */
    items(id: string, { signal, ...filter }: ItemFilter = {}): AsyncGenerator<Image, void, undefined> {
      return pages<Image>(transport, `${pathOf(id)}/items`, filter, signal);
    },

    /**
     * What became of each row, as UTF-8 in row order: CSV with a header, or a JSON text a line. Reading the stream throws
     * what calls throw.
     */
    report(
      id: string,
      format: 'csv' | 'ndjson',
      { language, signal }: CallOptions & { language?: 'en' | 'zh' | undefined } = {},
    ): Promise<ReadableStream<Uint8Array>> {
      const headers = { 'Accept-Language': language };
      return transport.stream({ method: 'GET', path: `${pathOf(id)}/report.${format}`, headers, signal });
    },

    /** Puts its failed images back to the queue; only those with `code`, if given. */
    async retry(
      id: string,
      { code, signal }: CallOptions & { code?: ErrorCode | undefined } = {},
    ): Promise<Batch> {
      const call = { method: 'POST', path: `${pathOf(id)}/retry`, query: { code }, signal } as const;
      return (await transport.json<Batch>(call)).body;
    },

    /** Cancels whatever is not final. */
    async cancel(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'POST', path: `${pathOf(id)}/cancel`, signal })).body;
    },

    /** Asks for the deletion of all its images. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'DELETE', path: pathOf(id), signal })).body;
    },
  };
}

/** True once nothing more will happen by itself: no longer running, and no deletion on its way. */
function isFinalBatch({ status, deleteRequestedAt, counts, total }: Batch): boolean {
  return status !== 'running' && (deleteRequestedAt === null || counts.deleted === total);
}

const pathOf = (id: string) => `/v1/batches/${encodeURIComponent(id)}`;

function columnsOf(columns: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(columns).map(([header, field]) => `${header}:${field}`);
  const torn = pairs.find((pair) => pair.includes(','));
  if (torn !== undefined)
    throw new TypeError(
      `columns: "${torn}" has a comma, which parts one pair from the next; rename the header in the file.`,
    );
  return pairs.join(',');
}

function toBody(input: BatchItems | ByteSource, mediaType: string | undefined): Body {
  const isFile =
    mediaType !== undefined || input instanceof Blob || ArrayBuffer.isView(input) || isOpenable(input);
  return isFile ? bodyOf(input as ByteSource, mediaType) : ndjsonBody(input as BatchItems);
}
