import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { auxiliaryTypes, hasItem, itemProperties } from './heif.js';
import { jpegSegments } from './jpeg-segments.js';

/** Whether the file has an HDR gain map. No decoder here applies it, and no output keeps it. */
export function hasGainMap(bytes: FileBytes, format: ImageFormat): boolean {
  if (format === 'jpeg') return hasJpegGainMap(bytes);
  if (format !== 'avif' && format !== 'heic') return false;
  // ISO/IEC 23008-12 amendment 1: an item derives the HDR image from the image and its gain map.
  return hasItem(bytes, 'tmap') || auxiliaryTypes(bytes, itemProperties(bytes)).includes(APPLE_GAIN_MAP);
}

const APPLE_GAIN_MAP = 'urn:com:apple:photo:2020:aux:hdrgainmap';

/** SOI and the first byte of the next marker. */
const IMAGE_START = Buffer.of(0xff, 0xd8, 0xff);
/** A gain map image may follow a preview or a depth map. */
const MAX_IMAGES = 8;

// The gain map is a further JPEG after the first. The first or the further one declares it.
function hasJpegGainMap(bytes: FileBytes): boolean {
  const [first, ...rest] = imagesOf(bytes);
  if (first === undefined || rest.length === 0) return false;
  return [first, ...rest].some((image) => declaresGainMap(bytes, image));
}

/** Positions of the JPEGs in a file. In entropy-coded data, FF is never followed by D8 (ITU-T T.81, B.1.1.5). */
function imagesOf(bytes: FileBytes): number[] {
  const images: number[] = [];
  for (let image = 0; image !== -1 && images.length < MAX_IMAGES; ) {
    images.push(image);
    let end = image + 2;
    for (const { start, length } of jpegSegments(bytes, image)) end = start + length;
    image = bytes.indexOf(IMAGE_START, end);
  }
  return images;
}

const APP1 = 0xe1;
const APP2 = 0xe2;
const ISO_21496 = 'urn:iso:std:iso:ts:21496:-1\0';
/** XMP namespaces of Ultra HDR and of Apple. */
const XMP_GAIN_MAP = /http:\/\/ns\.(?:adobe\.com\/hdr-gain-map|apple\.com\/HDRGainMap)\/1\.0\//;

function declaresGainMap(bytes: FileBytes, image: number): boolean {
  for (const { marker, start, length } of jpegSegments(bytes, image)) {
    if (marker === APP2 && bytes.text(start, ISO_21496.length) === ISO_21496) return true;
    if (marker === APP1 && XMP_GAIN_MAP.test(bytes.slice(start, length).toString('latin1'))) return true;
  }
  return false;
}
