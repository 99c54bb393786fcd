import type { ImageFormat } from '@pixdock/contract/media-type';
import sharp from 'sharp';
import { type Provenance, readProvenance } from '../label/provenance.js';
import { findXmpPackets } from '../label/xmp-packets.js';
import { withBytes } from './file-bytes.js';
import { open, scene } from './pictures.js';

/** The signature of XMP in the APP1 segment of a JPEG. */
export const XMP_SIGNATURE = 'http://ns.adobe.com/xap/1.0/\0';
export const picture = () => open(scene(16, 12));
export const jpeg = () => picture().jpeg().toBuffer();
export const png = () => picture().png().toBuffer();

/** Reads label, manifest and copyright of a file; `described` replaces it where sharp would refuse it. */
export async function provenanceOf(format: ImageFormat, file: Buffer, described = file): Promise<Provenance> {
  const metadata = await sharp(described).metadata();
  return withBytes(file, (bytes) =>
    readProvenance(bytes, format, metadata, findXmpPackets(bytes, format, metadata)),
  );
}
