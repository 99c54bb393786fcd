import type { ImageFormat } from '@pixdock/contract/media-type';

/** The number of leading bytes that `detectFormat` reads. */
export const SIGNATURE_BYTES = 512;

/** Formats that are recognized only to be refused by name: AVIF animations, JPEG XL. */
export type RefusedFormat = 'avis' | 'jxl';

/**
 * Names the format from the first bytes of a file, null if it is unknown. A signature proves nothing: only a full decode validates.
 * Sources: PNG 5.2, GIF89a 17, RFC 9649 (WebP), TIFF 6.0, ISO/IEC 14496-12 4.3 (brands), AVIF 1.1, ISO/IEC 18181-2 (JPEG XL).
 */
export function detectFormat(head: Buffer): ImageFormat | RefusedFormat | null {
  if (startsWith(head, 'ffd8ff')) return 'jpeg';
  if (startsWith(head, '89504e470d0a1a0a')) return 'png';
  const ascii = head.toString('latin1', 0, 12);
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'gif';
  if (ascii.startsWith('RIFF') && ascii.endsWith('WEBP')) return 'webp';
  if (startsWith(head, 'ff0a') || startsWith(head, '0000000c4a584c200d0a870a')) return 'jxl';
  if (startsWith(head, '49492a00') || startsWith(head, '4d4d002a')) return 'tiff';
  return ascii.slice(4, 8) === 'ftyp' ? byBrand(head) : null;
}

function startsWith(head: Buffer, hex: string): boolean {
  return head.subarray(0, hex.length / 2).toString('hex') === hex;
}

// The generic brands mif1 and msf1 mean HEIF of any codec: a file may list them beside the codec's own brand.
const AVIF_BRANDS = ['avif', 'avis'];
// As the major brand it means an animation, which no decoder supports.
const AVIF_SEQUENCE = 'avis';
const HEIF_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'];

function byBrand(head: Buffer): ImageFormat | RefusedFormat | null {
  const end = Math.min(head.readUInt32BE(0), head.length);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(head.toString('latin1', at, at + 4));
  if (brands[0] === AVIF_SEQUENCE) return AVIF_SEQUENCE;
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return 'avif';
  return brands.some((brand) => HEIF_BRANDS.includes(brand)) ? 'heic' : null;
}
