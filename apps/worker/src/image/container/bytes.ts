import { fstatSync, readSync } from 'node:fs';

const WINDOW = 64 * 1024;

/** Random access to an open file through a read window. Synchronous, since the child has nothing else to do. */
export class FileBytes {
  readonly size: number;
  readonly #descriptor: number;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW);
  #start = 0;
  #length = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.size = fstatSync(descriptor).size;
  }

  /** Undefined past the end. */
  at(position: number): number | undefined {
    return this.#reach(position) ? this.#window[position - this.#start] : undefined;
  }

  /** Position of the next `value`, or -1. */
  indexOf(value: number | Buffer, position: number): number {
    const overlap = typeof value === 'number' ? 0 : value.length - 1;
    for (let from = position; this.#reach(from); ) {
      const found = this.#window.subarray(0, this.#length).indexOf(value, from - this.#start);
      if (found !== -1) return this.#start + found;
      from = this.#start + this.#length;
      if (from < this.size && overlap > 0) this.#read((from -= overlap));
    }
    return -1;
  }

  /** Position of the first byte that is not zero, or the size. A file may have megabytes of zeros. */
  endOfZeros(position: number): number {
    for (let from = position; this.#reach(from); from = this.#start + this.#length) {
      const [window, length] = [this.#window, this.#length];
      let at = from - this.#start;
      while (at < length && window[at] === 0) at++;
      if (at < length) return this.#start + at;
    }
    return this.size;
  }

  /** A big-endian number of up to 6 bytes; NaN if it extends past the end. */
  number(position: number, length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + (this.at(position + i) ?? Number.NaN);
    return value;
  }

  text(position: number, length: number): string {
    const start = position - this.#start;
    if (start >= 0 && start + length <= this.#length)
      return this.#window.toString('latin1', start, start + length);
    return String.fromCharCode(...Array.from({ length }, (_, i) => this.at(position + i) ?? 0));
  }

  slice(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, position));
  }

  #reach(position: number): boolean {
    if (position >= this.#start && position < this.#start + this.#length) return true;
    if (position < 0 || position >= this.size) return false;
    this.#read(position);
    return this.#length > 0;
  }

  #read(position: number): void {
    this.#start = position;
    this.#length = readSync(this.#descriptor, this.#window, 0, WINDOW, position);
  }
}
