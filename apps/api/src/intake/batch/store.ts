import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { WriteStream } from 'node:fs';

/** Writes to a file of the batch as it comes, counted and hashed. */
export function openStore(stream: WriteStream) {
  const hash = createHash('sha256');
  let bytes = 0;
  let broken: Error | null = null;
  stream.on('error', (error) => {
    broken = error;
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });

  return {
    bytes: () => bytes,
    async write(chunk: Buffer): Promise<void> {
      bytes += chunk.length;
      hash.update(chunk);
      if (broken !== null) throw broken;
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    /** Resolves once all is on disk. */
    async finish(): Promise<{ bytes: number; sha256: string }> {
      stream.end();
      await closed;
      if (broken !== null) throw broken;
      return { bytes, sha256: hash.digest('hex') };
    },
    /** Leaves the file to whoever discards the batch. */
    async abandon(): Promise<void> {
      stream.destroy();
      await closed;
    },
  };
}
