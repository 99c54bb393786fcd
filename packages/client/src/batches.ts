import type { Batch } from '@pixdock/contract/batch';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import type { BatchItems, CreateOptions, DryRun, ItemFilter } from './batch-options.js';
import { type CallOptions, checkOptions } from './call-options.js';
import { type Body, type ByteSource, bodyOf, isOpenable, withProgress } from './http/body.js';
import { followSnapshots } from './http/follow.js';
import { ndjsonBody } from './http/ndjson.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';
import { type WaitOptions, waitUntilFinal, watch } from './http/watch.js';

const CREATE_OPTIONS = [
  'profile',
  'columns',
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
    /**
     * Submits many images and resolves once the server has the whole input. Items are streamed as NDJSON; a file is sent
     * unchanged. A dry run resolves with its result. After a network error, an array, a Blob, bytes or a source with `open`
     * is sent again; a stream or a generator is not.
     * @throws TypeError if a header in `columns` contains a comma, for a path instead of bytes, or for an unknown option
     */
    async create<Options extends CreateOptions>(
      input: BatchItems | ByteSource,
      options: Options = {} as Options,
    ): Promise<Options extends { dryRun: true } ? DryRun : Batch> {
      checkOptions(options, CREATE_OPTIONS);
      const { profile, columns, webhookUrl, dryRun, idempotencyKey, mediaType, signal, onProgress } = options;
      const query = {
        profile,
        columns: columns && columnsOf(columns),
        webhookUrl,
        dryRun: dryRun ? true : undefined,
      };
      const body = withProgress(toBody(input, mediaType), onProgress);
      const call = { method: 'POST', path: '/v1/batches', query, body, idempotencyKey, signal } as const;
      // A dry run creates nothing.
      const response = await transport.json(
        dryRun ? { ...call, harmless: true } : { ...call, creates: true },
      );
      return response.body as never;
    },

    /** The current state of a batch. Throws `not_found` also for batches of other owners. */
    async get(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'GET', path: pathOf(id), signal })).body;
    },

    /** Batches of this key, newest first. */
    list({ signal }: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
      return pages<Batch>(transport, '/v1/batches', {}, signal);
    },

    /** Yields snapshots with increasing versions, up to the final one. */
    watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
      return watch<Batch>(transport, pathOf(id), isFinalBatch, signal);
    },

    /** As `watch`, but the server sends each snapshot at once, in one long response. */
    events(id: string, { signal }: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
      return followSnapshots<Batch>(transport, `${pathOf(id)}/events`, isFinalBatch, signal);
    },

    /** Resolves with the final batch, whatever its status. Throws a `TimeoutError` after `timeoutMs`, if set. */
    waitFor(id: string, options: WaitOptions = {}): Promise<Batch> {
      return waitUntilFinal<Batch>(transport, pathOf(id), isFinalBatch, options);
    },

    /** Images of a batch in row order. Pages are read on demand. */
    items(id: string, { signal, ...filter }: ItemFilter = {}): AsyncGenerator<Image, void, undefined> {
      return pages<Image>(transport, `${pathOf(id)}/items`, filter, signal);
    },

    /**
     * The result of each row in row order, as UTF-8: CSV with a header, or NDJSON. Reading the stream throws the same errors
     * as calls.
     */
    report(
      id: string,
      format: 'csv' | 'ndjson',
      { language, signal }: CallOptions & { language?: 'en' | 'zh' | undefined } = {},
    ): Promise<ReadableStream<Uint8Array>> {
      const headers = { 'Accept-Language': language };
      return transport.stream({ method: 'GET', path: `${pathOf(id)}/report.${format}`, headers, signal });
    },

    /** Retries failed images; only those with `code`, if set. */
    async retry(
      id: string,
      { code, signal }: CallOptions & { code?: ErrorCode | undefined } = {},
    ): Promise<Batch> {
      const call = { method: 'POST', path: `${pathOf(id)}/retry`, query: { code }, signal } as const;
      return (await transport.json<Batch>(call)).body;
    },

    /** Cancels images that are not final. */
    async cancel(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'POST', path: `${pathOf(id)}/cancel`, signal })).body;
    },

    /** Requests the deletion of all images of a batch. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<Batch> {
      return (await transport.json<Batch>({ method: 'DELETE', path: pathOf(id), signal })).body;
    },
  };
}

/** Whether the batch has ended and no deletion is in progress. */
function isFinalBatch({ status, deleteRequestedAt, counts, total }: Batch): boolean {
  return status !== 'running' && (deleteRequestedAt === null || counts.deleted === total);
}

const pathOf = (id: string) => `/v1/batches/${encodeURIComponent(id)}`;

function columnsOf(columns: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(columns).map(([header, field]) => `${header}:${field}`);
  const invalid = pairs.find((pair) => pair.includes(','));
  if (invalid !== undefined)
    throw new TypeError(`columns: "${invalid}" contains a comma. Rename the header in the file.`);
  return pairs.join(',') || undefined;
}

function toBody(input: BatchItems | ByteSource, mediaType: string | undefined): Body {
  // A string is iterable, too.
  if (typeof input === 'string') return bodyOf(input, mediaType);
  const isFile =
    mediaType !== undefined || input instanceof Blob || ArrayBuffer.isView(input) || isOpenable(input);
  return isFile ? bodyOf(input as ByteSource, mediaType) : ndjsonBody(input as BatchItems);
}
