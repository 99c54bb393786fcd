import sharp, { type Sharp } from 'sharp';

export interface Canvas {
  width: number;
  height: number;
  /** RGBA. */
  pixels: Buffer;
}

export type Paint = (
  x: number,
  y: number,
) => readonly [red: number, green: number, blue: number, alpha?: number];

export function paint(width: number, height: number, colourAt: Paint): Canvas {
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha = 255] = colourAt(x, y);
      const at = (y * width + x) * 4;
      pixels[at] = clamp(red);
      pixels[at + 1] = clamp(green);
      pixels[at + 2] = clamp(blue);
      pixels[at + 3] = clamp(alpha);
    }
  return { width, height, pixels };
}

/** All frames have the size of the first. */
export function open(...frames: readonly Canvas[]): Sharp {
  const { width = 0, height = 0 } = frames[0] ?? {};
  const raw = { width, height: height * frames.length, channels: 4 as const };
  const pages = frames.length > 1 ? { pageHeight: height } : {};
  return sharp(Buffer.concat(frames.map(({ pixels }) => pixels)), { raw: { ...raw, ...pages } });
}

/** Pseudo-random, from 0 to 1, the same for the same numbers. */
export function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 374_761_393) + Math.imul(y, 668_265_263) + Math.imul(seed, 362_437);
  h = Math.imul(h ^ (h >>> 13), 1_274_126_177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
