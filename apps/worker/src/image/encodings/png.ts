import type { Strip } from '../frames.js';
import type { Attempt, Attempts, Task } from './attempt.js';
import { flatness, type Indexed, indexColours, toGrey } from './content.js';
import { indexedPng } from './indexed-png.js';
import { mirroredPngs } from './mirrored-png.js';
import { isSmall } from './quality.js';
import { xmpChunks } from './xmp-chunk.js';

/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;
/** Where a palette takes more bytes than it saves. */
const ICON_PIXELS = 64 * 64;
const LEVEL = 6;
const SMALL_LEVEL = 9;

/** Every encoding of a strip has the same pixels. */
export async function* encodePng(task: Task): Attempts {
  const { picture, variant, source, isUnscaled } = task;
  const level = isSmall(variant) ? SMALL_LEVEL : LEVEL;
  const strip = await picture.strip();
  if (strip === null) {
    const data = await (await picture.open()).png({ compressionLevel: level }).toBuffer();
    yield attempt(`png level ${level}`, data);
    return;
  }
  const indexed = indexColours(strip);
  const grey = toGrey(strip);
  const kept = grey ?? strip;
  const isFlat = flatness(strip) >= FLAT;
  const hasPalette = indexed !== null && (grey === null || indexed.colours.length <= FEW_GREYS);
  if (hasPalette) {
    yield paletted(task, strip, indexed, level);
    if (level < SMALL_LEVEL) yield paletted(task, strip, indexed, SMALL_LEVEL);
  }
  if (!hasPalette || indexed.indexes.length <= ICON_PIXELS) {
    yield direct(task, kept, level, !isFlat);
    yield direct(task, kept, level, isFlat);
  }
  if (source.format === 'png' && isUnscaled) yield* mirrored(task, strip, indexed);
  if (level < SMALL_LEVEL) yield direct(task, kept, SMALL_LEVEL, !isFlat);
}

function paletted({ picture }: Task, { size }: Strip, indexed: Indexed, level: number): Attempt {
  return attempt(`png palette level ${level}`, indexedPng(size, indexed, level, xmpChunks(picture.xmp)));
}

async function* mirrored({ picture, source }: Task, strip: Strip, indexed: Indexed | null): Attempts {
  for (const data of await mirroredPngs(source.path, strip, indexed, xmpChunks(picture.xmp)))
    yield attempt('png filtered like the source', data);
}

async function direct(
  { picture }: Task,
  strip: Strip,
  level: number,
  adaptiveFiltering: boolean,
): Promise<Attempt> {
  const image = (await picture.open(strip)).toColourspace(strip.channels < 3 ? 'b-w' : 'srgb');
  const data = await image.png({ compressionLevel: level, adaptiveFiltering }).toBuffer();
  const kind = strip.channels < 3 ? ' grey' : '';
  return attempt(`png${kind} level ${level}${adaptiveFiltering ? ' filtered' : ''}`, withoutDensity(data));
}

const attempt = (encoder: string, data: Buffer): Attempt => ({
  data,
  encoder,
  quality: null,
  isLossless: true,
});

const PHYS_BYTES = 21;

// libvips always writes the density, which is unknown here.
function withoutDensity(png: Buffer): Buffer {
  const at = png.indexOf('pHYs', 33, 'latin1') - 4;
  return at === 33 ? Buffer.concat([png.subarray(0, at), png.subarray(at + PHYS_BYTES)]) : png;
}
