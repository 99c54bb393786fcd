import { type Body, bodyOf } from './body.js';

const CHUNK_CHARACTERS = 64 * 1024;

/** An NDJSON body. An array is repeatable, a generator is not. */
export function ndjsonBody(items: Iterable<unknown> | AsyncIterable<unknown>): Body {
  const type = 'application/x-ndjson';
  return Array.isArray(items) ? bodyOf({ open: () => encode(items) }, type) : bodyOf(encode(items), type);
}

async function* encode(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
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
