import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import type { SourceFile } from '../sources.js';
import { blinking, moving, panning } from './animations.js';
import { type Canvas, open } from './canvas.js';
import { diagram, gradient, icon, logo, screenshot, sprite, sticker } from './graphics.js';
import { landscape, stillLife } from './photos.js';

type Draw = (width: number, height: number, seed: number) => Canvas;

const PHOTOS: readonly Draw[] = [landscape, stillLife];
const DRAWINGS: readonly Draw[] = [logo, diagram, screenshot, sprite, gradient];
const TRANSPARENT: readonly Draw[] = [icon, sticker];
const QUALITIES = [40, 60, 76, 85, 92];
const SIDES = [48, 64, 80, 96, 128, 160];

/**
 * Encodes 200 graphics, photographs and animations into a folder, the same ones each time.
 * @param step 2 makes every second one
 */
export async function makePictures(folder: string, step = 1): Promise<SourceFile[]> {
  const all = [...jpegs(), ...pngs(), ...gifs(), ...webps(), ...avifs()];
  const pictures = all.filter((_, i) => i % step === 0);
  return Promise.all(
    pictures.map(async ([kind, encode], i) => {
      const { data, info } = await encode().toBuffer({ resolveWithObject: true });
      const name = `${String(i).padStart(3, '0')}-${kind}.${info.format === 'heif' ? 'avif' : info.format}`;
      const path = join(folder, name);
      await writeFile(path, data);
      return { path, name };
    }),
  );
}

type Picture = readonly [kind: string, encode: () => Sharp];

const still = (draw: Draw, seed: number) => {
  const width = SIDES[seed % SIDES.length] ?? 64;
  const height = SIDES[(seed * 5 + 2) % SIDES.length] ?? 64;
  return open(draw(width, height, seed));
};
const photo = (seed: number) => still(PHOTOS[seed % PHOTOS.length] ?? landscape, seed).removeAlpha();
const drawing = (seed: number) => still(DRAWINGS[seed % DRAWINGS.length] ?? logo, seed).removeAlpha();
const transparent = (seed: number) => still(TRANSPARENT[seed % TRANSPARENT.length] ?? icon, seed);
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

function jpegs(): Picture[] {
  const kinds = QUALITIES.flatMap((quality, i): Picture[] => [
    [`q${quality}`, () => photo(i).jpeg({ quality })],
    [`q${quality}-444`, () => photo(i + 1).jpeg({ quality, chromaSubsampling: '4:4:4' })],
    [`q${quality}-progressive`, () => photo(i + 2).jpeg({ quality, progressive: true })],
    [`q${quality - 10}-small`, () => photo(i + 3).jpeg({ quality: quality - 10, mozjpeg: true })],
    [
      `q${quality}-grey`,
      () =>
        photo(i + 4)
          .toColourspace('b-w')
          .jpeg({ quality }),
    ],
    [
      `q${quality}-large`,
      () =>
        open(landscape(384, 288, i))
          .removeAlpha()
          .jpeg({ quality }),
    ],
    [`q${quality}-drawing`, () => drawing(i).jpeg({ quality })],
    [`q${quality}-drawing-444`, () => drawing(i + 1).jpeg({ quality, chromaSubsampling: '4:4:4' })],
  ]);
  const turned = times(
    7,
    (i): Picture => [
      `turned-${i + 2}`,
      () =>
        photo(i)
          .withMetadata({ orientation: i + 2 })
          .jpeg({ quality: 85 }),
    ],
  );
  const cmyk = times(3, (i): Picture => ['cmyk', () => photo(i).toColourspace('cmyk').jpeg({ quality: 90 })]);
  return [...kinds, ...turned, ...cmyk];
}

function pngs(): Picture[] {
  return [
    ...times(12, (i): Picture => ['drawing', () => drawing(i).png()]),
    ...times(
      10,
      (i): Picture => [
        'palette',
        () => drawing(i).png({ palette: true, colours: [4, 16, 256][i % 3] ?? 256 }),
      ],
    ),
    ...times(8, (i): Picture => ['grey', () => drawing(i).toColourspace('b-w').png()]),
    ...times(10, (i): Picture => ['transparent', () => transparent(i).png({ palette: i % 3 === 0 })]),
    ...times(
      8,
      (i): Picture => ['photo', () => photo(i).png({ adaptiveFiltering: i % 2 === 0, compressionLevel: 9 })],
    ),
    ...times(4, (i): Picture => ['photo-palette', () => photo(i).png({ palette: true })]),
    ...times(4, (i): Picture => ['deep', () => photo(i).toColourspace('rgb16').png()]),
    ...times(4, (i): Picture => ['interlaced', () => drawing(i).png({ progressive: true })]),
  ];
}

function gifs(): Picture[] {
  return [
    ...times(12, (i): Picture => ['drawing', () => drawing(i).gif()]),
    ...times(6, (i): Picture => ['photo', () => photo(i).gif()]),
    ...times(4, (i): Picture => ['transparent', () => transparent(i).gif()]),
    ...animations(6).map(([kind, frames, timing]): Picture => [kind, () => open(...frames).gif(timing)]),
  ];
}

function webps(): Picture[] {
  return [
    ...times(
      8,
      (i): Picture => ['photo', () => photo(i).webp({ quality: QUALITIES[i % QUALITIES.length] ?? 80 })],
    ),
    ...times(8, (i): Picture => ['lossless', () => drawing(i).webp({ lossless: true })]),
    ...times(4, (i): Picture => ['lossless-transparent', () => transparent(i).webp({ lossless: true })]),
    ...times(4, (i): Picture => ['transparent', () => transparent(i).webp({ quality: 85 })]),
    ...animations(4).map(
      ([kind, frames, timing], i): Picture => [
        `${kind}-${i % 2 === 0 ? 'lossless' : 'lossy'}`,
        () => open(...frames).webp({ ...timing, lossless: i % 2 === 0, quality: 80 }),
      ],
    ),
  ];
}

function avifs(): Picture[] {
  return [
    ...times(
      8,
      (i): Picture => [
        'photo',
        () =>
          photo(i).avif({
            quality: [40, 55, 70, 85][i % 4] ?? 55,
            effort: 0,
            chromaSubsampling: i % 2 === 0 ? '4:2:0' : '4:4:4',
          }),
      ],
    ),
    ...times(2, (i): Picture => ['transparent', () => transparent(i).avif({ quality: 70, effort: 0 })]),
    ...times(4, (i): Picture => ['drawing', () => drawing(i).avif({ quality: 80, effort: 0 })]),
  ];
}

type Animation = readonly [kind: string, frames: Canvas[], timing: { delay: number[]; loop: number }];

function animations(seeds: number): Animation[] {
  return times(seeds, (i): Animation[] => [
    [
      'moving',
      moving(96, 64, i, 8),
      { delay: times(8, (frame) => 40 + 20 * (frame % 3)), loop: i % 2 === 0 ? 0 : 2 },
    ],
    ['blinking', blinking(64, 64, i, 4), { delay: times(4, () => 100), loop: 0 }],
    ['panning', panning(96, 64, i, 6), { delay: times(6, () => 80), loop: i % 3 }],
  ]).flat();
}
