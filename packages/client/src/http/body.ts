import { chunksOf, toStream } from './streams.js';

/** Bytes that can be opened again for each try, such as a file. */
export interface OpenableSource {
  open(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** In bytes; sent as Content-Length if the platform allows it. */
  size?: number | undefined;
  /** Media type. */
  type?: string | undefined;
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

/** Puts bytes before and after a body and changes its type. */
export function wrapBody(
  head: Uint8Array<ArrayBuffer>,
  body: Body,
  tail: Uint8Array<ArrayBuffer>,
  type: string,
): Body {
  const size = body.size === undefined ? undefined : head.length + body.size + tail.length;
  const open = () => {
    const inner = body.open();
    return inner instanceof Blob ? new Blob([head, inner, tail]) : toStream(around(head, inner, tail));
  };
  return { ...body, type, size, open };
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

async function* around(
  head: Uint8Array,
  inner: ReadableStream<Uint8Array>,
  tail: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* chunksOf(inner);
  yield tail;
}
