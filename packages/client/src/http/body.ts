import { toStream } from './streams.js';

/** Bytes that can be opened again for each try, such as a file. */
export interface OpenableSource {
  open(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** In bytes; sent as Content-Length if the platform allows it. */
  size?: number | undefined;
  /** Media type. */
  type?: string | undefined;
  /** File name. */
  name?: string | undefined;
}

/** A source of bytes. A stream or an iterable can be read only once, so its call is never retried. */
export type ByteSource =
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | OpenableSource;

/** The body of a request. */
export interface Body {
  type: string | undefined;
  size: number | undefined;
  repeatable: boolean;
  open(): Blob | ReadableStream<Uint8Array>;
  /** The error of reading the source, if any. It is not a network error, so the call is not retried. */
  fault(): { error: unknown } | undefined;
  /** Called with what is sent of each try. Its error ends the call as one of the source does. */
  report?: (sentBytes: number, totalBytes: number | undefined) => void;
}

/** How much of an upload is sent. */
export interface UploadProgress {
  /** Bytes of the request body that this computer has sent. */
  sentBytes: number;
  /** Includes the few hundred bytes of a form. Undefined for a stream without a size, until it ends. */
  totalBytes: number | undefined;
}

/**
 * Creates a body without reading the source. `type` overrides the type of the source. A stream or an iterable is not
 * repeatable. The size is known for a Blob, for bytes, and if the source has one. An error of reading the source is an error
 * of the stream, and in `fault()`.
 * @throws TypeError for a string, which no type permits
 */
export function bodyOf(source: ByteSource | string, type?: string): Body {
  if (typeof source === 'string') throw notBytes(source);
  if (source instanceof Blob) return blobBody(source, type ?? source.type);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return blobBody(new Blob([source]), type ?? '');
  if (isOpenable(source)) return streamBody(source.open.bind(source), type ?? source.type, source.size, true);
  return streamBody(() => source, type, undefined, false);
}

/** In JavaScript, people give a path or a URL. */
function notBytes(text: string): TypeError {
  const hint = /^https?:/i.test(text)
    ? 'Use `images.importUrl(url)`, or a batch of `{ url }`.'
    : "Open the file first: `await openAsBlob(path)` of Node's module fs, or the File of an input.";
  return new TypeError(`"${text.slice(0, 100)}" is a string, not the bytes of a file. ${hint}`);
}

/** File streams of Node also have `open`, but they are iterable. */
export function isOpenable(source: object): source is OpenableSource {
  return 'open' in source && !(Symbol.asyncIterator in source);
}

/** A repeatable JSON body. @throws TypeError for a cycle or a BigInt */
export function jsonBody(value: unknown): Body {
  return blobBody(new Blob([JSON.stringify(value)]), 'application/json');
}

/** An NDJSON body. An array is repeatable, a generator is not. */
export function ndjsonBody(items: Iterable<unknown> | AsyncIterable<unknown>): Body {
  const type = 'application/x-ndjson';
  return Array.isArray(items)
    ? bodyOf({ open: () => encodeLines(items) }, type)
    : bodyOf(encodeLines(items), type);
}

/** A body that reports its progress. */
export function withProgress(body: Body, onProgress: ((progress: UploadProgress) => void) | undefined): Body {
  if (onProgress === undefined) return body;
  let fault: { error: unknown } | undefined;
  const report = (sentBytes: number, totalBytes: number | undefined) => {
    try {
      onProgress({ sentBytes, totalBytes });
    } catch (error) {
      fault ??= { error };
      throw error;
    }
  };
  return { ...body, report, fault: () => fault ?? body.fault() };
}

function blobBody(blob: Blob, type: string): Body {
  return {
    type: type || undefined,
    size: blob.size,
    repeatable: true,
    open: () => blob,
    fault: () => undefined,
  };
}

function streamBody(
  open: () => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  type: string | undefined,
  size: number | undefined,
  repeatable: boolean,
): Body {
  let fault: { error: unknown } | undefined;
  return {
    type,
    size,
    repeatable,
    open: () =>
      toStream(open(), (error) => {
        fault ??= { error };
        return error;
      }),
    fault: () => fault,
  };
}

const CHUNK_CHARACTERS = 64 * 1024;

async function* encodeLines(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = '';
  for await (const item of items) {
    text += `${JSON.stringify(item)}\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}
