import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { openWriter } from '@pixdock/shared/state/files/durable';

/** Writes to a file of the batch as it comes, hashed. */
export function openHashingWriter(stream: WriteStream) {
  const hash = createHash('sha256');
  const file = openWriter(stream);
  return {
    async write(chunk: Buffer): Promise<void> {
      hash.update(chunk);
      await file.write(chunk);
    },
    /** Resolves with the SHA-256 in hex once all is on disk. */
    async finish(): Promise<string> {
      await file.end();
      return hash.digest('hex');
    },
    /** Leaves the file to whoever discards the batch. */
    abandon: file.abandon,
  };
}
