import type { Body } from './body.js';
import { chunksOf, streamsBodies, toStream } from './streams.js';

/** As `fetch`, but reports how much of the body is sent. A service worker cannot tell, and reports nothing. */
export function sendWithProgress(
  send: typeof fetch,
  url: URL,
  init: RequestInit,
  { size, report }: Pick<Body, 'size'> & { report: Report },
): Promise<Response> {
  const { body } = init;
  if (body instanceof Blob && 'XMLHttpRequest' in globalThis) return sendByXhr(url, init, body, report);
  if (!streamsBodies()) return send(url, init);
  const headers = new Headers(init.headers);
  if (size !== undefined) headers.set('Content-Length', String(size));
  const chunks = chunksOf(body instanceof Blob ? body.stream() : (body as ReadableStream<Uint8Array>));
  return send(url, { ...init, headers, body: toStream(counted(chunks, size, report)), duplex: 'half' });
}

type Report = NonNullable<Body['report']>;

/** A Blob of bytes is one chunk in Node. */
const PIECE_BYTES = 64 * 1024;

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  size: number | undefined,
  report: Report,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      report(sent, size);
      yield piece;
      sent += piece.length;
    }
  report(sent, sent);
}

/** `fetch` of browsers reports no progress of an upload. */
async function sendByXhr(
  url: URL,
  { method = 'POST', headers, signal }: RequestInit,
  body: Blob,
  report: Report,
): Promise<Response> {
  signal?.throwIfAborted();
  report(0, body.size);
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  request.open(method, url);
  request.responseType = 'arraybuffer';
  new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    try {
      report(loaded, total);
    } catch {
      abort();
    }
  });
  await new Promise<void>((resolve) => {
    request.addEventListener('loadend', resolve);
    signal?.addEventListener('abort', abort);
    request.send(body);
  });
  signal?.removeEventListener('abort', abort);
  if (request.status === 0) throw new TypeError('Failed to fetch');
  return responseOf(request);
}

/** As the response of `fetch`, whose URL is in the text of errors. */
function responseOf(request: Xhr): Response {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  const { status, responseURL } = request;
  const hasBody = status !== 204 && status !== 304;
  const response = new Response(hasBody ? request.response : null, { status, headers });
  return Object.defineProperty(response, 'url', { value: responseURL });
}

/** What is used of XMLHttpRequest: the types of Node do not have it. */
interface Xhr {
  open(method: string, url: URL): void;
  setRequestHeader(name: string, value: string): void;
  send(body: Blob): void;
  abort(): void;
  getAllResponseHeaders(): string;
  addEventListener(type: 'loadend', listener: () => void): void;
  upload: {
    addEventListener(type: 'progress', listener: (of: { loaded: number; total: number }) => void): void;
  };
  responseType: string;
  readonly status: number;
  readonly response: ArrayBuffer;
  readonly responseURL: string;
}

declare const XMLHttpRequest: new () => Xhr;
