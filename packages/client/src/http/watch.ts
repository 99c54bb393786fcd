import { pause, readRetryAfter } from './retry.js';
import type { Answer, Call, Transport } from './transport.js';

/** How long to wait. */
export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds until a `TimeoutError` (DOMException). Default: as long as it takes. */
  timeoutMs?: number | undefined;
}

/** Half of what proxies commonly let a request take (nginx, most load balancers: 60 s). */
const HOLD_SECONDS = 30;
/** Something that changes all the time is not asked for more often. */
const LEAST_INTERVAL_MS = 200;
/** Some two minutes, so that a watch outlives a deployment of the server. */
const RETRIES = 10;

interface Watched {
  version: number;
}

/** Snapshots with rising versions, up to and with the first that is final. */
export async function* watch<T extends Watched>(
  transport: Transport,
  path: string,
  isFinal: (snapshot: T) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  let last: T | undefined;
  let etag: string | undefined;
  for (;;) {
    const began = Date.now();
    // A request without If-None-Match would be held until the end: the first one is not to be held at all.
    const isFirst = last === undefined;
    const answer = await read<T>(transport, path, isFirst ? {} : holding(etag), signal);
    const isNews = answer.status !== 304 && answer.body.version > (last?.version ?? 0);
    if (isNews) {
      last = answer.body;
      etag = answer.headers.get('etag') ?? undefined;
      yield last;
      if (isFinal(last)) return;
    }
    if (!isFirst) await rest(answer, isNews, began, signal);
  }
}

/** The first final snapshot. The server holds the request until there is one, if it can. */
export async function waitUntilFinal<T extends Watched>(
  transport: Transport,
  path: string,
  isFinal: (snapshot: T) => boolean,
  { signal: given, timeoutMs }: WaitOptions,
): Promise<T> {
  const signal = withTimeout(given, timeoutMs);
  let etag: string | undefined;
  for (;;) {
    const began = Date.now();
    const answer = await read<T>(transport, path, holding(etag), signal);
    if (answer.status !== 304 && isFinal(answer.body)) return answer.body;
    // With If-None-Match any change would end the hold; without a hold it spares the body.
    etag = isHeld(answer) ? undefined : (answer.headers.get('etag') ?? etag);
    await rest(answer, false, began, signal);
  }
}

function read<T>(
  transport: Transport,
  path: string,
  headers: NonNullable<Call['headers']>,
  signal: AbortSignal | undefined,
): Promise<Answer<T>> {
  return transport.json<T>({ method: 'GET', path, headers, signal, retries: RETRIES });
}

const holding = (etag: string | undefined) => ({ Prefer: `wait=${HOLD_SECONDS}`, 'If-None-Match': etag });

const isHeld = ({ headers }: Answer<unknown>) => headers.has('preference-applied');

/** Before the next request: nothing after a hold, a breath after news, else what Retry-After asks for. */
async function rest(
  answer: Answer<unknown>,
  isNews: boolean,
  began: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const took = Date.now() - began;
  const asked = (readRetryAfter(answer.headers) ?? 1) * 1000;
  // A hold that ends at once without news is none: a server that stops, or a proxy that answers for it.
  const least = isHeld(answer) && (isNews || took >= LEAST_INTERVAL_MS) ? LEAST_INTERVAL_MS : asked;
  if (took < least) await pause(least - took, signal);
}

function withTimeout(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): AbortSignal | undefined {
  if (timeoutMs === undefined) return signal;
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
