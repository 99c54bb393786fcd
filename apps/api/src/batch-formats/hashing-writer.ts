import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { openWriter } from '@pixdock/shared/state/files/byte-writer';
import { SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';

/** Writes a file of the batch and hashes its bytes. */
export function openHashingWriter(stream: WriteStream) {
  const hash = createHash('sha256');
  const file = openWriter(stream);
  let head = Buffer.alloc(0);
  return {
    /** The first bytes, by which a format is detected. */
    head: () => head,
    async write(chunk: Buffer): Promise<void> {
      if (head.length < SIGNATURE_BYTES)
        head = Buffer.concat([head, chunk.subarray(0, SIGNATURE_BYTES - head.length)]);
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
