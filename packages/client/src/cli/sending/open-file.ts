import { createReadStream, type PathLike } from 'node:fs';
import type { OpenableSource } from '../../http/body.js';

/** What follows the bytes of a file on their way. */
export interface Follower {
  /** They start from the beginning, perhaps again. */
  begun: () => void;
  sent: (bytes: number) => void;
}

/** A file as a body that can be sent again; one that shrinks meanwhile ends the call. */
export function openFile(path: PathLike, size: number, follower: Follower): OpenableSource {
  return { size, open: () => followed(path, size, follower) };
}

async function* followed(
  path: PathLike,
  size: number,
  { begun, sent }: Follower,
): AsyncGenerator<Uint8Array> {
  begun();
  let left = size;
  for await (const chunk of createReadStream(path, { end: Math.max(0, size - 1) }) as AsyncIterable<Buffer>) {
    yield chunk;
    left -= chunk.length;
    sent(chunk.length);
  }
  if (left > 0)
    throw Object.assign(new Error('The file became shorter while it was read.'), { code: 'ESHORT' });
}
