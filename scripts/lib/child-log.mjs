import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const ROTATE_BYTES = 10 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const POLL_MS = 250;

/**
 * A child's log file. The child writes to it directly, so that it can go on writing when the launcher is dead; we read
 * along behind it.
 */
export class ChildLog {
  #reader;
  #position;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer;

  /** @param onLine hears each line written from now on. */
  constructor(path, onLine) {
    this.path = path;
    this.onLine = onLine;
    if (existsSync(path) && statSync(path).size > ROTATE_BYTES) renameSync(path, `${path}.1`);
    this.fd = openSync(path, 'a', 0o600);
    this.#reader = openSync(path, 'r');
    this.#position = statSync(path).size;
    this.#timer = setInterval(() => this.read(), POLL_MS).unref();
  }

  /** Reads what there is now. */
  read() {
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const count = readSync(this.#reader, buffer, 0, READ_BYTES, this.#position);
      if (count === 0) return;
      this.#position += count;
      const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, count))).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) if (line.trim() !== '') this.onLine(line);
    }
  }

  /** Reads what there is, and takes an unfinished line for a whole one: its writer is gone. */
  finish() {
    this.read();
    const line = this.#rest;
    this.#rest = '';
    if (line.trim() !== '') this.onLine(line);
  }

  close() {
    this.finish();
    clearInterval(this.#timer);
    closeSync(this.#reader);
    closeSync(this.fd);
  }
}
