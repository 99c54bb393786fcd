import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const ROTATE_BYTES = 10 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const POLL_MS = 250;

/**
 * Opens a child's log file. The child writes to `fd` directly, so that it can still write when the launcher is dead.
 * @param onLine receives each line written from now on.
 */
export function openLog(path, onLine) {
  if (statSync(path, { throwIfNoEntry: false })?.size > ROTATE_BYTES) renameSync(path, `${path}.1`);
  const fd = openSync(path, 'a+', 0o600);
  const buffer = Buffer.alloc(READ_BYTES);
  const decoder = new StringDecoder('utf8');
  let position = fstatSync(fd).size;
  let rest = '';
  const timer = setInterval(read, POLL_MS).unref();

  function read() {
    for (;;) {
      const count = readSync(fd, buffer, 0, READ_BYTES, position);
      if (count === 0) return;
      position += count;
      take(decoder.write(buffer.subarray(0, count)));
    }
  }

  function take(text) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.trim() !== '') onLine(line);
  }

  /** Reads the rest, also a line without an end: its writer has ended. */
  function finish() {
    read();
    take('\n');
  }

  function close() {
    finish();
    clearInterval(timer);
    closeSync(fd);
  }

  return { fd, read, finish, close };
}
