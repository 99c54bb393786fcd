import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBytes } from '../container/bytes.js';

/** Reads a buffer as a file. */
export function withBytes<T>(file: Buffer, read: (bytes: FileBytes, path: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'pixdock-bytes-'));
  const path = join(dir, 'file');
  writeFileSync(path, file);
  const descriptor = openSync(path, 'r');
  const close = () => {
    closeSync(descriptor);
    rmSync(dir, { recursive: true, force: true });
  };
  let result: T | null = null;
  try {
    result = read(new FileBytes(descriptor), path);
  } finally {
    if (!(result instanceof Promise)) close();
  }
  return result instanceof Promise ? (result.finally(close) as T) : result;
}
