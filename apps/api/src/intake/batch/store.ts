import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { abandon } from '@pixdock/shared/staging/durable';

/** Writes to a file of the batch as it comes, hashed. */
export function openStore(stream: WriteStream) {
  const hash = createHash('sha256');
  let broken: Error | null = null;
  stream.on('error', (error) => {
    broken = error;
  });

  return {
    async write(chunk: Buffer): Promise<void> {
      hash.update(chunk);
      if (broken !== null) throw broken;
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    /** Resolves with the SHA-256 in hex once all is on disk. */
    async finish(): Promise<string> {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
      if (broken !== null) throw broken;
      return hash.digest('hex');
    },
    /** Leaves the file to whoever discards the batch. */
    abandon: () => abandon(stream),
  };
}
