import { constants, inflateSync } from 'node:zlib';

/** Whether a file holds a payload: as it is, or within anything deflated. */
export function holds(file: Buffer, payload: string): boolean {
  if (file.includes(payload)) return true;
  for (let at = 0; at + 1 < file.length; at++)
    if (beginsZlib(file, at) && inflated(file.subarray(at)).includes(payload)) return true;
  return false;
}

// RFC 1950 2.2: method 8, and a check.
function beginsZlib(file: Buffer, at: number): boolean {
  return ((file[at] ?? 0) & 0x0f) === 8 && file.readUInt16BE(at) % 31 === 0;
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // Most such bytes begin nothing.
    return Buffer.alloc(0);
  }
}
