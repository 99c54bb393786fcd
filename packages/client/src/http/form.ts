import { encodedFileName } from '@pixdock/contract/encoded-file-name';
import type { Body } from './body.js';
import { randomKey } from './retry.js';
import { chunksOf, toStream } from './streams.js';

const encoder = new TextEncoder();

/** A multipart/form-data body (RFC 7578) with fields and one `file`, which is streamed. */
export function formBody(fields: Record<string, string>, filename: string, file: Body): Body {
  const boundary = `pixdock-${randomKey()}`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const type = file.type === undefined ? '' : `Content-Type: ${file.type}\r\n`;
  const head = `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; ${filenameOf(filename)}\r\n${type}\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  return {
    ...wrapBody(encoder.encode(head), file, encoder.encode(tail)),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

/** Puts bytes before and after a body. */
function wrapBody(head: Uint8Array<ArrayBuffer>, body: Body, tail: Uint8Array<ArrayBuffer>): Body {
  const size = body.size === undefined ? undefined : head.length + body.size + tail.length;
  const open = () => {
    const inner = body.open();
    return inner instanceof Blob ? new Blob([head, inner, tail]) : toStream(around(head, inner, tail));
  };
  return { ...body, size, open };
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

/**
 * Encodes a name as browsers do (WHATWG HTML, multipart/form-data encoding algorithm). If that is lossy, adds `filename*`
 * (RFC 8187, 3.2): RFC 7578 forbids it, but Pixdock supports and prefers it.
 */
function filenameOf(filename: string): string {
  const plain = filename.replace(/[\r\n"\\]/g, (mark) => encodeURIComponent(mark));
  return plain === filename ? `filename="${plain}"` : `filename="${plain}"; ${encodedFileName(filename)}`;
}
