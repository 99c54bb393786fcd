import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { openWriter } from '@pixdock/shared/state/files/byte-writer';

/** Writes a file of the batch and hashes its bytes. */
export function openHashingWriter(stream: WriteStream) {
  const hash = createHash('sha256');
  const file = openWriter(stream);
  return {
    async write(chunk: Buffer): Promise<void> {
      hash.update(chunk);
      await file.write(chunk);
    },
    /** Resolves with the SHA-256 in hex once all bytes are on disk. */
    async finish(): Promise<string> {
      await file.end();
      return hash.digest('hex');
    },
    /** Closes the file; the caller discards it with the batch. */
    abandon: file.abandon,
  };
}
