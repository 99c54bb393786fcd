import type { Placeholder } from '@pixdock/shared/contract/image';
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import type { Base } from './decode.js';

/** The longest side that ThumbHash takes. */
const SIDE = 100;

/** A ThumbHash in base64 and the dominant colour, from the first frame. */
export async function placeholderOf(base: Base): Promise<Placeholder> {
  const { data, info } = await base
    .open('first')
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: 4 as const };
  const { dominant } = await sharp(data, { raw }).flatten({ background: '#ffffff' }).stats();
  const hex = [dominant.r, dominant.g, dominant.b]
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('');
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64'),
    color: `#${hex}`,
  };
}
