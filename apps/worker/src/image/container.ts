import type { FileHandle } from 'node:fs/promises';
import type { ImageFormat } from '@pixdock/shared/media-type';

const TAIL = 4096;

/** Whether a file that cannot be decoded lacks its end, going by its container: cut off, rather than damaged. */
export async function isCutOff(file: FileHandle, format: ImageFormat): Promise<boolean> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - TAIL), Math.min(size, TAIL));
  switch (format) {
    case 'jpeg':
      return tail.lastIndexOf(Buffer.from([0xff, 0xd9])) === -1;
    case 'png':
      return tail.lastIndexOf('IEND', undefined, 'latin1') === -1;
    case 'gif':
      return trimZeros(tail).at(-1) !== 0x3b;
    case 'webp': {
      const head = await read(file, 0, 12);
      return head.length < 12 || head.readUInt32LE(4) + 8 > size;
    }
    case 'avif':
      return boxesExceed(file, size);
    case 'tiff':
      return false;
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

// Top-level boxes of ISO/IEC 14496-12 4.2; a size of 0 reaches to the end of the file.
async function boxesExceed(file: FileHandle, size: number): Promise<boolean> {
  let at = 0;
  for (let boxes = 0; at < size && boxes < 1000; boxes++) {
    const head = await read(file, at, 16);
    if (head.length < 8) return true;
    const short = head.readUInt32BE(0);
    if (short === 0) return false;
    const length = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short;
    if (length < 8) return false;
    at += length;
  }
  return at > size;
}
