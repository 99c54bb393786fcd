import { crc32, deflateSync } from 'node:zlib';

/** Offset after the signature and IHDR. */
const FIRST_CHUNK = 33;

export const withChunk = (png: Buffer, type: string, data: Buffer) =>
  Buffer.concat([png.subarray(0, FIRST_CHUNK), chunk(type, data), png.subarray(FIRST_CHUNK)]);

/** Adds an ICC profile to a PNG without converting its pixels, which sharp cannot do. */
export const withProfile = (png: Buffer, profile: Buffer) =>
  withChunk(png, 'iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]));

export function chunk(type: string, data: Buffer) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
