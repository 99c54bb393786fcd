import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Sharp } from 'sharp';
import { chunk } from '../colour/png-profile.js';
import { openStrip, type Strip } from '../frames.js';

/** What a container adds to XMP at most, in bytes: the header of a WebP with metadata, or a segment, chunk or item. */
const CONTAINER_BYTES = 256;

/** How much larger XMP makes a file, at most. libvips writes none to GIF. */
export const bytesOfXmp = (xmp: string | null, format: ImageFormat): number =>
  xmp === null || format === 'gif' ? 0 : Buffer.byteLength(xmp) + CONTAINER_BYTES;

/** A pipeline over the pixels that also writes `xmp`. */
export function openWithXmp(strip: Strip, xmp: string | null): Sharp {
  const image = openStrip(strip);
  return xmp === null ? image : image.withXmp(xmp);
}

/** The signature and the header chunk of a PNG. */
const END_OF_IHDR = 33;
/** The header of an uncompressed iTXt chunk with XMP, without language (PNG 3rd edition, 11.3.2.4). */
const XMP_HEADER = Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1');

/** Adds `xmp` to a PNG that sharp has not written. */
export function addXmp(png: Buffer, xmp: string | null): Buffer {
  if (xmp === null) return png;
  const text = chunk('iTXt', Buffer.concat([XMP_HEADER, Buffer.from(xmp)]));
  return Buffer.concat([png.subarray(0, END_OF_IHDR), text, png.subarray(END_OF_IHDR)]);
}
