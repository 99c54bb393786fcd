import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes bytes to a file. A call throws the errors of earlier writes. */
export function openWriter(stream: Writable) {
  let broken: Error | null = null;
  stream.on('error', (error) => {
    broken = error;
  });
  return {
    async write(chunk: Buffer): Promise<void> {
      if (broken !== null) throw broken;
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    /** Resolves when the file is complete and closed. */
    async end(): Promise<void> {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
      if (broken !== null) throw broken;
    },
    abandon: () => discardStream(stream),
  };
}

/** Closes an unwanted file, and ignores pending writes and errors. */
export function discardStream(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.on('error', () => {});
    stream.once('close', resolve);
    stream.destroy();
  });
}
