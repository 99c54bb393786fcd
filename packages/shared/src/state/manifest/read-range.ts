import { open } from 'node:fs/promises';

/** @param length in bytes; null means to the end of the file */
export async function readRange(path: string, start: number, length: number | null): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = length ?? (await file.stat()).size - start;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
