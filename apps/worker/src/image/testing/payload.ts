import { constants, inflateSync } from 'node:zlib';

/** Whether a file contains a payload, in plain bytes or in a zlib stream. */
export function containsPayload(file: Buffer, payload: string): boolean {
  if (file.includes(payload)) return true;
  for (let at = 0; at + 1 < file.length; at++)
    if (isZlibHeader(file, at) && inflated(file.subarray(at)).includes(payload)) return true;
  return false;
}

// RFC 1950 2.2: compression method 8 and a checksum.
function isZlibHeader(file: Buffer, at: number): boolean {
  return ((file[at] ?? 0) & 0x0f) === 8 && file.readUInt16BE(at) % 31 === 0;
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // Most bytes that look like a zlib header are not the start of a stream.
    return Buffer.alloc(0);
  }
}
