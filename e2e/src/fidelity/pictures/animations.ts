import type { Canvas } from './canvas.js';
import { icon, sticker } from './graphics.js';
import { landscape } from './photos.js';

/** A drawing that moves over a still background: an encoder stores only the part that changes. */
export function moving(width: number, height: number, seed: number, count: number): Canvas[] {
  const background = landscape(width, height, seed);
  const mark = icon(24, 24, seed);
  return Array.from({ length: count }, (_, i) => over(background, mark, (i * 5) % (width - 24), height >> 1));
}

/** A drawing that changes on transparency. */
export function blinking(width: number, height: number, seed: number, count: number): Canvas[] {
  return Array.from({ length: count }, (_, i) => sticker(width, height, seed + i));
}

/** A camera that turns, so that every pixel changes. */
export function panning(width: number, height: number, seed: number, count: number): Canvas[] {
  const { width: across, pixels } = landscape(width + count * 4, height, seed);
  return Array.from({ length: count }, (_, i) => {
    const lines = Array.from({ length: height }, (__, y) => {
      const start = (y * across + i * 4) * 4;
      return pixels.subarray(start, start + width * 4);
    });
    return { width, height, pixels: Buffer.concat(lines) };
  });
}

function over({ width, height, pixels }: Canvas, mark: Canvas, left: number, top: number): Canvas {
  const copy = Buffer.from(pixels);
  for (let y = 0; y < mark.height; y++)
    for (let x = 0; x < mark.width; x++) {
      const from = (y * mark.width + x) * 4;
      if ((mark.pixels[from + 3] ?? 0) < 128) continue;
      const to = ((top + y) * width + left + x) * 4;
      mark.pixels.copy(copy, to, from, from + 3);
    }
  return { width, height, pixels: copy };
}
