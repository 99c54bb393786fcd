import type { Strip } from '../frames.js';
import type { Attempt, Attempts, Task } from './attempt.js';
import { flatness, type Indexed, indexColours, toGrey } from './content.js';
import { indexedPng } from './indexed-png.js';
import { mirroredPngs } from './mirrored-png.js';
import { isSmall } from './quality.js';
import { addXmp, openWithXmp } from './xmp.js';

/** Below this flatness, filtering saves a third; above, it enlarges the file (measured on 650 images). */
const FLAT = 0.6;
/** As many grey levels as fit in four bits. */
const FEW_GREYS = 16;
/** Where a palette takes more bytes than it saves. */
const ICON_PIXELS = 64 * 64;
const LEVEL = 6;
const SMALL_LEVEL = 9;

/** Every encoding of a strip has the same pixels. */
export async function* encodePng({ picture, variant, source, xmp, isUnscaled }: Task): Attempts {
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
    yield paletted(strip, indexed, level, xmp);
    if (level < SMALL_LEVEL) yield paletted(strip, indexed, SMALL_LEVEL, xmp);
  }
  if (!hasPalette || indexed.indexes.length <= ICON_PIXELS) {
    yield direct(kept, level, !isFlat, xmp);
    yield direct(kept, level, isFlat, xmp);
  }
  if (source.format === 'png' && isUnscaled) yield* mirrored(source.path, strip, indexed, xmp);
  if (level < SMALL_LEVEL) yield direct(kept, SMALL_LEVEL, !isFlat, xmp);
}

function paletted({ size }: Strip, indexed: Indexed, level: number, xmp: string | null): Attempt {
  return attempt(`png palette level ${level}`, addXmp(indexedPng(size, indexed, level), xmp));
}

async function* mirrored(path: string, strip: Strip, indexed: Indexed | null, xmp: string | null): Attempts {
  for (const data of await mirroredPngs(path, strip, indexed))
    yield attempt('png filtered like the source', addXmp(data, xmp));
}

async function direct(
  strip: Strip,
  level: number,
  adaptiveFiltering: boolean,
  xmp: string | null,
): Promise<Attempt> {
  const image = openWithXmp(strip, xmp).toColourspace(strip.channels < 3 ? 'b-w' : 'srgb');
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
