import type { FileHandle } from 'node:fs/promises';

const CHUNK = 256 * 1024;
const SOS = 0xda;

/**
 * Counts the scans (SOS markers) of a JPEG, stopping once there are more than `most`. libvips has no limit of its own, and
 * each scan of a progressive file is a pass over the whole picture. In entropy-coded data FF is always followed by 00 or a
 * restart marker, so every other FF begins a segment (ITU-T T.81, B.1.1.2).
 */
export async function countScans(file: FileHandle, most: number): Promise<number> {
  const buffer = Buffer.alloc(CHUNK);
  let scans = 0;
  let at = 2;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
    if (bytesRead < 4) return scans;
    const chunk = buffer.subarray(0, bytesRead);
    let i = chunk.indexOf(0xff);
    while (i !== -1 && i + 4 <= bytesRead) {
      const marker = chunk[i + 1] ?? 0;
      if (marker === SOS && ++scans > most) return scans;
      // Only a segment before the picture data can be skipped by its length; in the data the search goes on.
      const skip = hasLength(marker) ? 2 + chunk.readUInt16BE(i + 2) : marker === 0xff ? 1 : 2;
      i = i + skip >= bytesRead ? i + skip : chunk.indexOf(0xff, i + skip);
      if (i >= bytesRead) break;
    }
    at += i === -1 ? bytesRead : Math.max(i, 1);
  }
}

const STANDALONE_FIRST = 0xd0;
const STANDALONE_LAST = 0xd9;

function hasLength(marker: number): boolean {
  const standalone = marker >= STANDALONE_FIRST && marker <= STANDALONE_LAST;
  return marker > 0x01 && marker !== 0xff && !standalone;
}
