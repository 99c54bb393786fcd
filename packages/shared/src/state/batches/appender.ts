import { createWriteStream } from 'node:fs';
import { openWriter } from '../files/durable.js';

/** Written at once: an item's line has some hundred bytes, and a write for each costs more than the item. */
const WRITE_BYTES = 64 * 1024;

/** Appends lines to a new file, which is on disk after `end`. */
export function openAppender(path: string) {
  const file = openWriter(createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  // Lines are copied: a short one would hold the whole 8 KiB from which Node cut it.
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
