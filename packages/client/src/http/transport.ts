import type { Language } from '@pixdock/contract/messages/text';
import { checkOptions } from '../call-options.js';
import { PixdockApiError } from '../error.js';
import { say } from '../messages/api.js';
import type { Body } from './body.js';
import { parseJson, problemOf, unreachable } from './problem.js';
import { sendWithProgress } from './progress.js';
import { createRetries, DEFAULT_RETRIES, pause, randomKey } from './retry.js';
import { toSendable, toStream } from './streams.js';

/** Options of a client. */
export interface ClientOptions {
  /** URL of the server, including a path if it has one: `https://img.example.com/pixdock`. A `/v1` at its end has no effect. */
  baseUrl: string;
  apiKey: string;
  /** Replaces the global `fetch`, except for an upload with `onProgress` in a browser. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Language of titles and details of errors. By default DEFAULT_LANGUAGE of the server, and English for errors without a response. */
  language?: Language | undefined;
  /** Retries of calls that are safe to repeat. Default 5. */
  retries?: number | undefined;
  /** Called before the pause of each retry. */
  onRetry?: ((error: PixdockApiError, pauseMs: number) => void) | undefined;
}

const CLIENT_OPTIONS = [
  'baseUrl',
  'apiKey',
  'fetch',
  'language',
  'retries',
  'onRetry',
] satisfies (keyof ClientOptions)[];

/** A request to the API. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: Body;
  /** Another server, which gets the request without the key. */
  elsewhere?: URL;
  /** A POST that creates; it gets a generated Idempotency-Key unless one is set. */
  creates?: boolean;
  idempotencyKey?: string | undefined;
  /** A POST without side effects, which is safe to repeat. */
  harmless?: boolean;
  /** The browser sends it even if its page is closed. Only without a body. */
  outlivesPage?: boolean;
  retries?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A 2xx or 304 response; any other status throws. */
export interface ApiResponse<T> {
  status: number;
  headers: Headers;
  /** Undefined for a 204 or 304. */
  body: T;
}

/** All throw `PixdockApiError`, the reason of the signal, or the error of the source of the body. */
export interface Transport {
  /** The JSON body of a response. */
  read: <T>(call: Call) => Promise<T>;
  json<T>(call: Call): Promise<ApiResponse<T>>;
  stream(call: Call): Promise<ReadableStream<Uint8Array>>;
}

/** Whether a header can carry the key; keys have no spaces and no characters beyond ASCII. */
export const isKey = (key: string): boolean => /^[\x21-\x7e]+$/.test(key);

/** Whether it is an http(s) URL. `URL.canParse` is newer than some browsers. */
export function isAddress(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url).protocol);
  } catch {
    return false;
  }
}

/**
 * Sends requests to one server and retries those that are safe to repeat.
 * @throws TypeError if `baseUrl` is not an http(s) URL, `apiKey` is not a key, or an option is unknown
 */
export function createTransport(options: ClientOptions): Transport {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const language = options.language ?? 'en';
  checkOptions(options, CLIENT_OPTIONS);
  const base = baseOf(options.baseUrl, language);
  if (options.apiKey === undefined) throw new TypeError(say(language, 'no-key'));
  if (!isKey(options.apiKey)) throw new TypeError(say(language, 'invalid-key'));
  const common = new Headers({ Authorization: `Bearer ${options.apiKey}` });
  if (options.language !== undefined) common.set('Accept-Language', options.language);

  return {
    read: async (call) => (await json<never>(call)).body,
    json,
    stream: (call) =>
      exchange(call, async ({ body }) =>
        toStream(body ?? new Blob([]).stream(), (error) => faultOf(error, call)),
      ),
  };

  function json<T>(call: Call): Promise<ApiResponse<T>> {
    return exchange(call, async (response) => {
      const { status, headers } = response;
      const text = await response.text();
      const isEmpty = status === 204 || status === 304;
      return { status, headers, body: (isEmpty ? undefined : parseJson(response, text, language)) as T };
    });
  }

  async function exchange<T>(original: Call, read: (response: Response) => Promise<T>): Promise<T> {
    const call = original.creates ? { ...original, idempotencyKey: keyOf(original) } : original;
    const retries = createRetries(call.retries ?? options.retries ?? DEFAULT_RETRIES);
    for (;;) {
      call.signal?.throwIfAborted();
      try {
        return await tryOnce(call, read);
      } catch (error) {
        if (!(error instanceof PixdockApiError) || !mayRepeat(call, error)) throw error;
        const delay = retries.delayAfter(error);
        if (delay === null) throw error;
        options.onRetry?.(error, delay);
        await pause(delay, call.signal);
      }
    }
  }

  async function tryOnce<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    try {
      const url = call.elsewhere ?? urlOf(base, call);
      const init = await initOf(call, call.elsewhere === undefined ? common : new Headers());
      const { report, size } = call.body ?? {};
      const response = await (report === undefined
        ? send(url, init)
        : sendWithProgress(send, url, init, { report, size }));
      if (response.ok || response.status === 304) return await read(response);
      throw problemOf(response, await response.text(), language);
    } catch (error) {
      throw faultOf(error, call);
    }
  }

  function faultOf(error: unknown, { signal, body, elsewhere = base }: Call): unknown {
    if (signal?.aborted === true) return signal.reason;
    const fault = body?.fault();
    if (fault !== undefined) return fault.error;
    return error instanceof PixdockApiError ? error : unreachable(elsewhere, error, language);
  }
}

function baseOf(baseUrl: string | undefined, language: Language): URL {
  if (baseUrl === undefined) throw new TypeError(say(language, 'no-base-url'));
  if (!isAddress(baseUrl)) throw new TypeError(say(language, 'invalid-base-url', { baseUrl }));
  return new URL(baseUrl);
}

function keyOf({ idempotencyKey, body }: Call): string | undefined {
  return idempotencyKey ?? (body?.repeatable === true ? randomKey() : undefined);
}

function mayRepeat(
  { method, harmless = false, idempotencyKey, body }: Call,
  { status }: PixdockApiError,
): boolean {
  const repeatable = body?.repeatable ?? true;
  // After a 429 the server has done nothing.
  return repeatable && (method !== 'POST' || harmless || idempotencyKey !== undefined || status === 429);
}

function urlOf(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(base);
  url.pathname = base.pathname.replace(/(\/v1)?\/*$/, '') + path;
  url.search = '';
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

async function initOf(call: Call, common: Headers): Promise<RequestInit> {
  const headers = new Headers(common);
  for (const [name, value] of Object.entries(call.headers ?? {}))
    if (value !== undefined) headers.set(name, value);
  // A Structured Field string (draft-ietf-httpapi-idempotency-key-header).
  if (call.idempotencyKey !== undefined)
    headers.set('Idempotency-Key', `"${call.idempotencyKey.replace(/["\\]/g, '\\$&')}"`);
  const { method, signal = null, outlivesPage: keepalive = false } = call;
  const init: RequestInit = { method, headers, signal, keepalive };
  if (call.body === undefined) return init;
  if (call.body.type !== undefined) headers.set('Content-Type', call.body.type);
  const body = await toSendable(call.body.open(), call.signal);
  if (body instanceof Blob) return { ...init, body };
  if (call.body.size !== undefined) headers.set('Content-Length', String(call.body.size));
  return { ...init, body, duplex: 'half' };
}
