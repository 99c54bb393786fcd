const HEAD_BYTES = 12;
const EXTENDED_BYTES = 10;
const FLAGS: Record<string, number> = { ICCP: 0x20, EXIF: 0x08, 'XMP ': 0x04 };

/** Adds a chunk to a still WebP (RFC 9649 2.7), before the image data if the format requires it there. */
export function withWebpChunk(webp: Buffer, type: string, data: Buffer): Buffer {
  const extended = webp.toString('latin1', HEAD_BYTES, HEAD_BYTES + 4) === 'VP8X';
  const rest = webp.subarray(HEAD_BYTES + (extended ? 8 + EXTENDED_BYTES : 0));
  const header = extended
    ? Buffer.from(webp.subarray(HEAD_BYTES + 8, HEAD_BYTES + 8 + EXTENDED_BYTES))
    : extendedHeader(webp);
  header[0] = (header[0] ?? 0) | (FLAGS[type] ?? 0);
  const own = riffChunk(type, data);
  const parts = type === 'ICCP' ? [own, rest] : [rest, own];
  const body = Buffer.concat([Buffer.from('WEBP'), riffChunk('VP8X', header), ...parts]);
  return riffChunk('RIFF', body);
}

function riffChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

/** Size of a lossy image: VP8 stores both sides at byte 6 of the key frame, in 14 bits each (RFC 6386 9.1). */
function extendedHeader(webp: Buffer): Buffer {
  const frame = HEAD_BYTES + 8;
  const header = Buffer.alloc(EXTENDED_BYTES);
  header.writeUIntLE((webp.readUInt16LE(frame + 6) & 0x3fff) - 1, 4, 3);
  header.writeUIntLE((webp.readUInt16LE(frame + 8) & 0x3fff) - 1, 7, 3);
  return header;
}
