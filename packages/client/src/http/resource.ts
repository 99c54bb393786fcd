import type { CallOptions } from '../call-options.js';
import { readEvents } from './event-stream.js';
import { pause, readRetryAfter } from './retry.js';
import type { ApiResponse, Call, Transport } from './transport.js';

/** Options of a wait. */
export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds until a `TimeoutError` (DOMException). Default: no limit. */
  timeoutMs?: number | undefined;
}

/** Half of the usual request timeout of proxies (nginx and most load balancers: 60 s). */
const HOLD_SECONDS = 30;
/** Shortest interval between requests for something that changes constantly. */
const LEAST_INTERVAL_MS = 200;
/** About two minutes, so that a watch survives a deployment of the server. */
const RETRIES = 10;

interface Watched {
  version: number;
}

/** The common part of images and batches: an id, versions, and a final status. */
export function createResource<T extends Watched>(
  transport: Transport,
  path: string,
  isFinal: (snapshot: T) => boolean,
) {
  const pathOf = (id: string) => `${path}/${encodeURIComponent(id)}`;
  const read = (id: string, headers: NonNullable<Call['headers']>, signal: AbortSignal | undefined) =>
    transport.json<T>({ method: 'GET', path: pathOf(id), headers, signal, retries: RETRIES });

  return {
    /** The current state. Throws `not_found` also for what other owners have. */
    async get(id: string, { signal }: CallOptions = {}): Promise<T> {
      return transport.read({ method: 'GET', path: pathOf(id), signal });
    },

    /** Yields snapshots with increasing versions, up to the final one. */
    async *watch(id: string, { signal }: CallOptions = {}): AsyncGenerator<T, void, undefined> {
      let last: T | undefined;
      let etag: string | undefined;
      for (;;) {
        const startedAt = Date.now();
        // The server would hold a first request without If-None-Match until the end, so do not ask it to hold.
        const isFirst = last === undefined;
        const response = await read(id, isFirst ? {} : holding(etag), signal);
        const hasChanged = response.status !== 304 && response.body.version > (last?.version ?? 0);
        if (hasChanged) {
          last = response.body;
          etag = response.headers.get('etag') ?? undefined;
          yield last;
          if (isFinal(last)) return;
        }
        if (!isFirst) await pauseAfter(response, hasChanged, startedAt, signal);
      }
    },

    /** As `watch`, but the server sends each snapshot at once, in one long response. */
    async *events(id: string, { signal }: CallOptions = {}): AsyncGenerator<T, void, undefined> {
      let version = 0;
      for await (const { data } of readEvents(transport, `${pathOf(id)}/events`, signal)) {
        const snapshot = JSON.parse(data) as T;
        if (snapshot.version <= version) continue;
        version = snapshot.version;
        yield snapshot;
        if (isFinal(snapshot)) return;
      }
    },

    /** Resolves with the final state, whatever its status. Throws a `TimeoutError` after `timeoutMs`, if set. */
    async waitFor(id: string, { signal: callerSignal, timeoutMs }: WaitOptions = {}): Promise<T> {
      const signal = withTimeout(callerSignal, timeoutMs);
      let etag: string | undefined;
      for (;;) {
        const startedAt = Date.now();
        // The server holds the request until the final state, if it supports that.
        const response = await read(id, holding(etag), signal);
        if (response.status !== 304 && isFinal(response.body)) return response.body;
        // With If-None-Match, any change would end the hold. Without a hold, it saves the body.
        etag = isHeld(response) ? undefined : (response.headers.get('etag') ?? etag);
        await pauseAfter(response, false, startedAt, signal);
      }
    },

    /** Requests the deletion, of all images of a batch; `waitFor` resolves once their objects are deleted. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<T> {
      return transport.read({ method: 'DELETE', path: pathOf(id), signal });
    },
  };
}

const holding = (etag: string | undefined) => ({ Prefer: `wait=${HOLD_SECONDS}`, 'If-None-Match': etag });

const isHeld = ({ headers }: ApiResponse<unknown>) => headers.has('preference-applied');

/** Pauses before the next request: as Retry-After asks, or LEAST_INTERVAL_MS if the server held the request. */
async function pauseAfter(
  response: ApiResponse<unknown>,
  hasChanged: boolean,
  startedAt: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const elapsed = Date.now() - startedAt;
  const requested = (readRetryAfter(response.headers) ?? 1) * 1000;
  // A hold that ends immediately without a change comes from a stopping server or a proxy, so wait longer.
  const least =
    isHeld(response) && (hasChanged || elapsed >= LEAST_INTERVAL_MS) ? LEAST_INTERVAL_MS : requested;
  if (elapsed < least) await pause(least - elapsed, signal);
}

function withTimeout(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): AbortSignal | undefined {
  if (timeoutMs === undefined) return signal;
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
