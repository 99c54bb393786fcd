import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Metadata } from 'sharp';
import type { FileBytes } from '../container/bytes.js';
import { XMP_APPLICATION, XMP_SIGNATURE } from '../container/embedded-metadata.js';
import { gifBlocks } from '../container/gif.js';
import { jpegSegments } from '../container/jpeg-segments.js';
import { pngTexts } from './read-png-text.js';
import { MAX_XMP_BYTES } from './read-xmp.js';

/** The XMP packets of an image, in the order of the file and with at most MAX_XMP_BYTES together. */
export function findXmpPackets(bytes: FileBytes, format: ImageFormat, { xmp }: Metadata): Buffer[] {
  if (format === 'jpeg') return jpegPackets(bytes);
  if (format === 'png') return pngPackets(bytes);
  if (format === 'gif') return gifPackets(bytes);
  return xmp === undefined ? [] : [xmp];
}

const APP1 = 0xe1;
const EXTENDED = 'http://ns.adobe.com/xmp/extension/\0';
/** After the signature: the GUID (32 hex digits), the length of the whole packet and the offset of this part. */
const GUID_BYTES = 32;
const GUID = /[\dA-F]{32}/gi;
const EXTENDED_HEAD_BYTES = EXTENDED.length + GUID_BYTES + 8;

// XMP part 3, 1.1.3: a packet above 64 KiB continues in an extended packet, whose GUID the standard packet names.
function jpegPackets(bytes: FileBytes): Buffer[] {
  const standard: Buffer[] = [];
  const extended = new Map<string, Buffer[]>();
  let read = 0;
  for (const { marker, start, length } of jpegSegments(bytes)) {
    if (marker !== APP1 || read + length > MAX_XMP_BYTES) continue;
    // A shorter segment could match only with the bytes that follow it.
    if (length > XMP_SIGNATURE.length && bytes.text(start, XMP_SIGNATURE.length) === XMP_SIGNATURE)
      standard.push(bytes.slice(start + XMP_SIGNATURE.length, length - XMP_SIGNATURE.length));
    else if (length > EXTENDED_HEAD_BYTES && bytes.text(start, EXTENDED.length) === EXTENDED) {
      const guid = bytes.text(start + EXTENDED.length, GUID_BYTES);
      const parts = extended.get(guid) ?? [];
      const offset = bytes.number(start + EXTENDED_HEAD_BYTES - 4, 4);
      // Parts in another order cannot be joined, and writers do not produce them.
      if (offset !== parts.reduce((sum, part) => sum + part.length, 0)) continue;
      const part = bytes.slice(start + EXTENDED_HEAD_BYTES, length - EXTENDED_HEAD_BYTES);
      extended.set(guid, [...parts, part]);
    } else continue;
    read += length;
  }
  const named = new Set(standard.flatMap((packet) => packet.toString('latin1').match(GUID) ?? []));
  const chosen = [...extended].filter(([guid]) => named.has(guid));
  return [...standard, ...chosen.map(([, parts]) => Buffer.concat(parts))];
}

function pngPackets(bytes: FileBytes): Buffer[] {
  return [...pngTexts(bytes, 'XML:com.adobe.xmp')].flatMap((text) => (text === null ? [] : [text]));
}

/** The unsplit packet ends before this byte (XMP part 3, 1.1.2). */
const TRAILER = 0x01;

function gifPackets(bytes: FileBytes): Buffer[] {
  for (const { type, at } of gifBlocks(bytes)) {
    const start = at + 2;
    if (type !== 'extension' || bytes.text(start, XMP_APPLICATION.length) !== XMP_APPLICATION) continue;
    const packet = bytes.slice(start + XMP_APPLICATION.length, MAX_XMP_BYTES);
    const end = packet.indexOf(TRAILER);
    return [end === -1 ? packet : packet.subarray(0, end)];
  }
  return [];
}
