import type { Readable } from 'node:stream';

/** Longest message between worker and child. An order with its profile takes about 4 KiB, a response about 1 KiB. */
export const MAX_LINE_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Calls `onLine` for each line of a stream. At a line longer than MAX_LINE_BYTES it calls `onTooLong` and stops buffering.
 * Node's IPC channel has no such limit.
 */
export function readLines(stream: Readable, onLine: (line: string) => void, onTooLong: () => void): void {
  let buffered = Buffer.alloc(0);
  let isOver = false;
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); !isOver; end = chunk.indexOf(LINE_FEED, from)) {
      const piece = chunk.subarray(from, end === -1 ? chunk.length : end);
      isOver = buffered.length + piece.length > MAX_LINE_BYTES;
      if (isOver) return onTooLong();
      buffered = Buffer.concat([buffered, piece]);
      if (end === -1) return;
      const line = buffered.toString('utf8');
      buffered = Buffer.alloc(0);
      from = end + 1;
      onLine(line);
    }
  });
}
