import type { PngOptions } from 'sharp';
import { openStrip, type Strip } from '../frames.js';
import { coloursOf, flatness, toGrey } from './content.js';
import type { Encodings, Task } from './encoding.js';
import { EXACT_EFFORT, isSmall, pngLevel } from './quality.js';
import { repeatRows, shows } from './source-rows.js';
import { addXmp } from './xmp.js';

/** For filtered photographs, level 6 takes twice the time of this level, and saves 3 %. */
const PHOTOGRAPH_LEVEL = 5;
/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;

/** Encodes with the rows of a source that has these pixels, otherwise once with rows of its own. */
export async function* encodePng(task: Task): Encodings {
  const { picture, source, variant, size, xmp, isUnscaled } = task;
  const strip = await picture.strip();
  if (strip === null) {
    const compressionLevel = pngLevel(isSmall(variant), size.width * size.height * 4);
    const data = await (await picture.open()).png({ compressionLevel }).toBuffer();
    yield { data, encoder: `png level ${compressionLevel}`, quality: null, isLossless: true };
    return;
  }
  const isLike = isUnscaled && source.format === 'png';
  let isRepeated = false;
  for await (const { data, encoder } of isLike ? repeatRows(source.file, strip, isSmall(variant)) : []) {
    isRepeated = true;
    yield { data: addXmp(data, xmp), encoder, quality: null, isLossless: true };
  }
  if (isRepeated) return;
  const { data, encoder } = await encodeStrip(strip, isSmall(variant));
  yield { data: addXmp(data, xmp), encoder, quality: null, isLossless: true };
}

async function encodeStrip(strip: Strip, isThorough: boolean): Promise<{ data: Buffer; encoder: string }> {
  const level = pngLevel(isThorough, strip.pixels.length);
  const grey = toGrey(strip);
  const colours = coloursOf(strip)?.length ?? null;
  if (colours !== null && (grey === null || colours <= FEW_GREYS)) {
    const palette = { palette: true, colours: Math.max(2, colours), effort: EXACT_EFFORT, dither: 0 };
    const data = await encode(strip, { ...palette, compressionLevel: level });
    // The quantizer merges invisible colours.
    if (await shows(data, strip)) return { data, encoder: `png palette level ${level}` };
  }
  const kept = grey ?? strip;
  const isFlat = flatness(kept) >= FLAT;
  const compressionLevel = isFlat || isThorough ? level : PHOTOGRAPH_LEVEL;
  return {
    data: await encode(kept, { compressionLevel, adaptiveFiltering: !isFlat }),
    encoder: `png${grey === null ? '' : ' grey'} level ${compressionLevel}${isFlat ? '' : ' filtered'}`,
  };
}

async function encode(strip: Strip, options: PngOptions): Promise<Buffer> {
  const image = openStrip(strip).toColourspace(strip.channels < 3 ? 'b-w' : 'srgb');
  return withoutDensity(await image.png(options).toBuffer());
}

const PHYS_BYTES = 21;

// libvips always writes the density, which is unknown here.
function withoutDensity(png: Buffer): Buffer {
  const at = png.indexOf('pHYs', 33, 'latin1') - 4;
  return at === 33 ? Buffer.concat([png.subarray(0, at), png.subarray(at + PHYS_BYTES)]) : png;
}
