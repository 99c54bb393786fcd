import { createWriteStream } from 'node:fs';
import { openWriter } from '../files/byte-writer.js';

/** Bytes per write: a line has some hundred bytes, and a write for each would cost more than the item. */
const WRITE_BYTES = 64 * 1024;

/** Appends lines to a new file, which is durable after `end`. */
export function openAppender(path: string) {
  const file = openWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  // Lines are copied: a short buffer would retain the 8 KiB pool from which Node sliced it.
  let pending = Buffer.allocUnsafeSlow(WRITE_BYTES);
  let bytes = 0;

  async function flush(): Promise<void> {
    const whole = pending.subarray(0, bytes);
    pending = Buffer.allocUnsafeSlow(WRITE_BYTES);
    bytes = 0;
    await file.write(whole);
  }

  return {
    async write(line: Buffer): Promise<void> {
      if (bytes > 0 && bytes + line.length > WRITE_BYTES) await flush();
      if (line.length > WRITE_BYTES) return file.write(line);
      bytes += line.copy(pending, bytes);
    },
    async end(): Promise<void> {
      if (bytes > 0) await flush();
      await file.end();
    },
    abandon: file.abandon,
  };
}
