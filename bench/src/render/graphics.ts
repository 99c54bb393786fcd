import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blinking } from '@pixdock/e2e/fidelity/pictures/animations';
import { type Canvas, open } from '@pixdock/e2e/fidelity/pictures/canvas';
import {
  diagram,
  gradient,
  icon,
  logo,
  screenshot,
  sprite,
  sticker,
} from '@pixdock/e2e/fidelity/pictures/graphics';
import type { Sharp } from 'sharp';

type Draw = (width: number, height: number, seed: number) => Canvas;
type Encode = (image: Sharp) => Sharp;

interface Kind {
  draw: Draw;
  width: number;
  height: number;
  encode: Encode;
  frames?: number;
}

const png: Encode = (image) => image.png();
const filteredPng: Encode = (image) => image.png({ adaptiveFiltering: true });
const palettePng: Encode = (image) => image.png({ palette: true });
const losslessWebp: Encode = (image) => image.webp({ lossless: true });
const gif: Encode = (image) => image.gif();

/** Graphics in the sizes of pages, shops and chats, encoded without an optimizer. */
const KINDS: readonly Kind[] = [
  { draw: screenshot, width: 1440, height: 900, encode: png },
  { draw: screenshot, width: 1920, height: 1080, encode: filteredPng },
  { draw: screenshot, width: 1280, height: 800, encode: losslessWebp },
  { draw: screenshot, width: 750, height: 1334, encode: palettePng },
  { draw: diagram, width: 1200, height: 800, encode: png },
  { draw: diagram, width: 800, height: 600, encode: gif },
  { draw: logo, width: 512, height: 256, encode: png },
  { draw: logo, width: 600, height: 300, encode: losslessWebp },
  { draw: logo, width: 320, height: 160, encode: gif },
  { draw: icon, width: 64, height: 64, encode: palettePng },
  { draw: icon, width: 256, height: 256, encode: png },
  { draw: icon, width: 512, height: 512, encode: losslessWebp },
  { draw: gradient, width: 1200, height: 630, encode: filteredPng },
  { draw: sprite, width: 640, height: 480, encode: png },
  { draw: sprite, width: 128, height: 128, encode: gif },
  { draw: sticker, width: 512, height: 512, encode: losslessWebp },
  { draw: sticker, width: 240, height: 240, encode: palettePng },
  { draw: sticker, width: 240, height: 240, encode: gif, frames: 12 },
];

/**
 * Writes generated graphics, the same in each run, to a folder.
 * @param scale the factor on their width and height
 * @returns their paths
 */
export async function makeGraphics(folder: string, scale: number): Promise<string[]> {
  const paths: string[] = [];
  for (const [seed, kind] of KINDS.entries()) {
    const { data, info } = await encode(kind, seed, scale).toBuffer({ resolveWithObject: true });
    const path = join(folder, `graphic-${seed}.${info.format}`);
    await writeFile(path, data);
    paths.push(path);
  }
  return paths;
}

function encode({ draw, width, height, encode: as, frames }: Kind, seed: number, scale: number): Sharp {
  const size = [Math.ceil(width * scale), Math.ceil(height * scale)] as const;
  const canvases = frames === undefined ? [draw(...size, seed)] : blinking(...size, seed, frames);
  return as(open(...canvases));
}
