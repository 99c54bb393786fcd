import type { ErrorCode } from '@pixdock/contract/error-table';
import type { FailureGroup, FailureRetry } from '@pixdock/contract/failure';
import type { CallOptions } from './call-options.js';
import { jsonBody } from './http/body.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';

/** Selects failed images; all conditions must match. */
export interface FailureFilter extends CallOptions {
  code?: ErrorCode | undefined;
  /** Host of the source URL, with its port unless that is the default. */
  host?: string | undefined;
  /** Only failures since this time, ISO 8601. */
  since?: string | undefined;
  /** Only failures before this time, ISO 8601. */
  until?: string | undefined;
}

export interface FailureRetryOptions extends Omit<FailureFilter, 'host'> {
  /** Null selects images without a source URL. */
  host?: string | null | undefined;
  /** Requests with the same key start one retry. Generated if absent. */
  idempotencyKey?: string | undefined;
}

const RETRY_PATH = '/v1/failures/retry';

/** Operations on failed images. All throw `PixdockApiError`, or the reason of their `signal` once it aborts. */
export function createFailures(transport: Transport) {
  return {
    /** Failed images grouped by day, error code and host, newest day first. Pages are read on demand. */
    list({ signal, ...filter }: FailureFilter = {}): AsyncGenerator<FailureGroup, void, undefined> {
      return pages<FailureGroup>(transport, '/v1/failures', filter, signal);
    },

    /** Starts to retry failed images; `progress` shows how many it has queued. */
    async retry({ signal, idempotencyKey, ...filter }: FailureRetryOptions = {}): Promise<FailureRetry> {
      const call = { method: 'POST', path: RETRY_PATH, body: jsonBody(filter), creates: true } as const;
      return transport.read({ ...call, idempotencyKey, signal });
    },

    /** The state of a retry. */
    async progress(id: string, { signal }: CallOptions = {}): Promise<FailureRetry> {
      return transport.read({ method: 'GET', path: `${RETRY_PATH}/${encodeURIComponent(id)}`, signal });
    },
  };
}
