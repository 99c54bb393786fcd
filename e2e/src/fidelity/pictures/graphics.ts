import { type Canvas, hash, paint } from './canvas.js';

type Colour = readonly [number, number, number];

const WHITE: Colour = [255, 255, 255];
const INK: Colour = [33, 37, 41];
const HUES: readonly Colour[] = [
  [220, 38, 38],
  [37, 99, 235],
  [22, 163, 74],
  [217, 119, 6],
  [147, 51, 234],
];
const hueOf = (index: number): Colour => HUES[index % HUES.length] ?? INK;

/** Flat discs with smooth edges. */
export function logo(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    const inner = coverage(x - width * 0.4, y - height / 2, Math.min(width, height) * 0.3);
    const outer = coverage(x - width * 0.62, y - height / 2, Math.min(width, height) * 0.3);
    return blend(blend(WHITE, hueOf(seed), outer), hueOf(seed + 1), inner);
  });
}

/** A logo on transparency. */
export function icon(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    const disc = coverage(x - width / 2, y - height / 2, Math.min(width, height) * 0.45);
    const hole = coverage(x - width * 0.6, y - height * 0.4, Math.min(width, height) * 0.15);
    return [...hueOf(seed), 255 * Math.max(0, disc - hole)];
  });
}

/** Coloured lines of one pixel, which chroma subsampling destroys. */
export function diagram(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    if (x % 32 === 0 || y % 32 === 0) return hueOf(seed + Math.floor(x / 32));
    if ((x + y) % 47 === 0) return hueOf(seed + 1);
    return WHITE;
  });
}

/** Panels, a header and lines of small glyphs. */
export function screenshot(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    if (y < 20) return hueOf(seed);
    if (x < width * 0.2) return y % 24 < 12 && isGlyph(x, y, seed) ? WHITE : INK;
    const isText = y % 14 < 8 && x % 120 < 100;
    return isText && isGlyph(x, y, seed) ? INK : WHITE;
  });
}

/** Large pixels of few colours. */
export function sprite(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    const side = Math.abs(x - width / 2);
    return hueOf(Math.floor(hash(side >> 3, y >> 3, seed) * HUES.length));
  });
}

/** Sprites on transparency, with hard edges. */
export function sticker(width: number, height: number, seed: number): Canvas {
  return paint(width, height, (x, y) => {
    const isInside = Math.hypot(x - width / 2, y - height / 2) < Math.min(width, height) * 0.42;
    return [...hueOf(Math.floor(hash(x >> 4, y >> 4, seed) * HUES.length)), isInside ? 255 : 0];
  });
}

/** A smooth change of colour in every direction. */
export function gradient(width: number, height: number, seed: number): Canvas {
  const [red, green, blue] = hueOf(seed);
  return paint(width, height, (x, y) => [
    red + (255 - red) * (x / width),
    green + (255 - green) * (y / height),
    blue * (1 - (x + y) / (width + height)),
  ]);
}

const isGlyph = (x: number, y: number, seed: number) => hash(x >> 1, y >> 1, seed) > 0.55;

/** How much of a pixel a disc covers, from 0 to 1. */
const coverage = (dx: number, dy: number, radius: number) =>
  Math.max(0, Math.min(1, radius - Math.hypot(dx, dy) + 0.5));

const blend = (below: Colour, above: Colour, share: number): Colour => [
  below[0] + (above[0] - below[0]) * share,
  below[1] + (above[1] - below[1]) * share,
  below[2] + (above[2] - below[2]) * share,
];
