import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  ColorSpace,
  type IMagickImage,
  initializeImageMagick,
  MagickImageCollection,
} from '@imagemagick/magick-wasm';
import type { Decoded, Decoder, EncodedFile } from './decoder.js';
import { decodeGif } from './gif.js';
import { readWebp } from './webp.js';

/** ImageMagick as WebAssembly, which needs only Node. It reads no profiles and does not scale. */
export async function openMagick(): Promise<Decoder> {
  const wasm = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm');
  await initializeImageMagick(await readFile(wasm));
  return { canScale: false, decode, async [Symbol.asyncDispose]() {} };
}

async function decode(file: EncodedFile): Promise<Decoded> {
  // ImageMagick shows the background colour of a GIF, which browsers ignore.
  if (file.format === 'gif') return decodeGif(file);
  const bytes = await readFile(file.path);
  // ImageMagick gives every frame of a WebP the delay of the first.
  const { delays, plays } = file.format === 'webp' ? readWebp(bytes) : STILL;
  const images = MagickImageCollection.create(bytes);
  try {
    images.coalesce();
    // The methods of an array would make another collection.
    const all = Array.from<IMagickImage>(images);
    const [first] = all;
    if (first === undefined) throw new Error('no frames');
    const { colorSpace, quality, depth } = first;
    const isGrey = colorSpace === ColorSpace.Gray;
    const frames = all.slice(0, file.maxFrames).map(pixelsOf);
    return {
      width: first.width,
      height: first.height,
      delays: frames.map((_, i) => delays[i] ?? 100),
      plays,
      colour:
        isGrey || (colorSpace === ColorSpace.sRGB && first.getColorProfile() === null) ? 'srgb' : 'unknown',
      bits: depth,
      quality: file.format === 'jpeg' ? quality : null,
      frame: async (index) => frames[index] ?? new Uint8Array(),
      async [Symbol.asyncDispose]() {},
    };
  } finally {
    images.dispose();
  }
}

const STILL = { delays: [], plays: 1 };

function pixelsOf(image: IMagickImage): Uint8Array {
  image.colorSpace = ColorSpace.sRGB;
  image.autoOrient();
  const pixels = image.getPixels((area) => area.toByteArray(0, 0, image.width, image.height, 'RGBA'));
  if (pixels === null) throw new Error('no pixels');
  return pixels;
}
