import type { FileHandle } from 'node:fs/promises';
import { readAt } from '../../runtime/read-at.js';

/** Compression methods that can be read (APPNOTE 4.4.5). */
export const STORED = 0;
export const DEFLATED = 8;

/** Size of an entry's local header without its name and extra fields (APPNOTE 4.3.7). */
export const LOCAL_HEADER_BYTES = 30;

/** The record at the end of an archive, its longest comment, and what points to the ZIP64 record before it (APPNOTE 4.3.14–16). */
const END = Buffer.from('PK\x05\x06');
const END_BYTES = 22 + 0xffff;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const IN_ZIP64 = 0xffffffff;

/** The offset of the central directory; null if the archive has none. */
export async function findDirectory(file: FileHandle): Promise<number | null> {
  const { size } = await file.stat();
  const from = Math.max(0, size - END_BYTES - LOCATOR_BYTES);
  const tail = await readAt(file, from, size - from);
  const at = tail.lastIndexOf(END);
  if (at === -1 || at + 20 > tail.length) return null;
  let offset = tail.readUInt32LE(at + 16);
  const locator = at - LOCATOR_BYTES;
  if (offset === IN_ZIP64 && locator >= 0 && tail.readUInt32LE(locator) === LOCATOR) {
    const record = await readAt(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (record.length === 56) offset = Number(record.readBigUInt64LE(48));
  }
  return offset < size ? offset : null;
}
