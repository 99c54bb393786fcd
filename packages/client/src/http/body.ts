import { chunksOf, toStream } from './streams.js';

/** Bytes that can be opened anew for each try, such as a file on disk. */
export interface OpenableSource {
  open(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Bytes; sent as Content-Length where the platform lets us. */
  size?: number | undefined;
  /** Media type. */
  type?: string | undefined;
}

/** What bytes can come from. A stream or an iterable is read once, so a call with one is never repeated. */
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
  /** What reading the source failed with, if it did: no fault of the network, and nothing to try again. */
  fault(): { error: unknown } | undefined;
}

/**
 * The bytes of a source as a body, of `type` or else of the source's own. It can be repeated unless the source is a stream or
 * an iterable; its size is known of a Blob, of bytes, and where the source tells it. Nothing is read yet, and nothing thrown:
 * what reading fails with is an error of the stream, and is in `fault()`.
 */
export function bodyOf(source: ByteSource, type?: string): Body {
  if (source instanceof Blob) return blobBody(source, type ?? source.type);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return blobBody(new Blob([source]), type ?? '');
  if (isOpenable(source)) return streamBody(source.open.bind(source), type ?? source.type, source.size, true);
  return streamBody(() => source, type, undefined, false);
}

/** Node's file streams have an `open` too, which is another thing. */
export function isOpenable(source: object): source is OpenableSource {
  return 'open' in source && !(Symbol.asyncIterator in source);
}

/** A value as JSON, which can be repeated. @throws TypeError for what JSON cannot hold: a circle, a BigInt */
export function jsonBody(value: unknown): Body {
  return blobBody(new Blob([JSON.stringify(value)]), 'application/json');
}

/** `body` with bytes around it, of another type. */
export function wrapped(
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
