import type { Readable } from 'node:stream';

/** Longest message between worker and child: an order with a profile has about 4 KiB, an answer about 1 KiB. */
export const MAX_LINE_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Passes on each line of a stream. At a line that is longer than MAX_LINE_BYTES it calls `onTooLong` and keeps nothing more:
 * Node's own channel between processes would hold and parse a message of any length.
 */
export function readLines(stream: Readable, onLine: (line: string) => void, onTooLong: () => void): void {
  let begun = Buffer.alloc(0);
  let isOver = false;
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); !isOver; end = chunk.indexOf(LINE_FEED, from)) {
      const piece = chunk.subarray(from, end === -1 ? chunk.length : end);
      isOver = begun.length + piece.length > MAX_LINE_BYTES;
      if (isOver) return onTooLong();
      begun = Buffer.concat([begun, piece]);
      if (end === -1) return;
      const line = begun.toString('utf8');
      begun = Buffer.alloc(0);
      from = end + 1;
      onLine(line);
    }
  });
}
