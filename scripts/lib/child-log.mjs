import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** 10 MiB. */
const ROTATE_BYTES = 10 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const POLL_MS = 250;

/**
 * A child's log file. The child writes to it directly, so that it can still write when the launcher is dead; this reads
 * what was written.
 */
export class ChildLog {
  #reader;
  #position;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer;

  /** @param onLine receives each line written from now on. */
  constructor(path, onLine) {
    this.onLine = onLine;
    if (existsSync(path) && statSync(path).size > ROTATE_BYTES) renameSync(path, `${path}.1`);
    this.fd = openSync(path, 'a', 0o600);
    this.#reader = openSync(path, 'r');
    this.#position = statSync(path).size;
    this.#timer = setInterval(() => this.read(), POLL_MS).unref();
  }

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

  /** Reads the rest, also a line without an end: its writer has ended. */
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
