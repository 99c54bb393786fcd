import { open } from 'node:fs/promises';
import { readAt } from '../../runtime/read-at.js';

/** @param length in bytes; null means to the end of the file */
export async function readRange(path: string, start: number, length: number | null): Promise<Buffer> {
  await using file = await open(path);
  return await readAt(file, start, length ?? (await file.stat()).size - start);
}
