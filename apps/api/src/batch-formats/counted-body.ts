import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';

/** Longest piece of a body that is processed at a time; larger chunks are split. */
const PIECE_BYTES = 64 * 1024;

/** A body in small pieces, and the number of bytes received. */
export type CountedBody = ReturnType<typeof countBody>;

/** Counts the bytes of a body and throws above `maxBytes`. Awaits `onMore` before it yields each chunk. */
export function countBody(chunks: AsyncIterable<Buffer>, maxBytes: number, onMore: () => Promise<void>) {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
      await onMore();
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
    }
  }
  return { chunks: counted(), bytes: () => bytes };
}

export function bodyTooLarge(maxBytes: number): PixdockError {
  return new PixdockError('payload_too_large', detailOf('batch-too-large', { max: maxBytes }));
}
