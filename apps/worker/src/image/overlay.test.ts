import { fileURLToPath } from 'node:url';
import { OVERLAY_POSITIONS, type Overlay, overlaySchema } from '@pixdock/contract/profile';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readProfiles } from '@pixdock/shared/runtime/settings';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { type Bench, openBench, profile } from './testing/bench.js';
import { LABELS, packetOf } from './testing/labelled.js';
import {
  animation,
  coloured,
  difference,
  noise,
  open,
  pixel,
  pixelsOf,
  plain,
  scene,
} from './testing/pictures.js';

const RED = [255, 0, 0];
/** Red, with a transparent right half. */
const HALF_RED = open(coloured(40, 20, [RED])[0] ?? scene(1, 1))
  .ensureAlpha()
  .composite([
    {
      input: { create: { width: 20, height: 20, channels: 4, background: '#000' } },
      left: 20,
      top: 0,
      blend: 'dest-out',
    },
  ])
  .png()
  .toBuffer();

let overlays: Map<string, Buffer>;
let bench: Bench;
beforeAll(async () => {
  overlays = new Map([['half', await HALF_RED]]);
  bench = await openBench({ overlays });
});
afterAll(() => bench.close());

const overlay = (fields: Omit<z.input<typeof overlaySchema>, 'sha256'> = {}): Overlay =>
  overlaySchema.parse({ sha256: 'half', ...fields });
const near = (colour: readonly number[] | undefined) =>
  (colour ?? []).map((value) => expect.closeTo(value, -0.7));

it('lies at each position, on the width that `scale` says, and changes nothing else', async () => {
  const source = scene(200, 100);
  const bytes = await open(source).png().toBuffer();
  for (const position of OVERLAY_POSITIONS) {
    const wanted = profile({ variants: { main: {} }, overlay: overlay({ position, scale: 0.2 }) });
    const { files, receipt } = await bench.rendered(bytes, { profile: wanted });
    const shown = await pixelsOf(files.main ?? Buffer.of());
    const left = position.endsWith('west') ? 0 : position.endsWith('east') ? 160 : 80;
    const top = position.startsWith('north') ? 0 : position.startsWith('south') ? 80 : 40;
    for (let y = 0; y < 100; y++)
      for (let x = 0; x < 200; x++) {
        const isRed = x >= left && x < left + 20 && y >= top && y < top + 20;
        const colour = pixel(shown, x, y).slice(0, 3);
        if (colour.join() !== (isRed ? RED : pixel(source, x, y)).join())
          throw new Error(`${position}: ${colour.join()} at ${x}, ${y}`);
      }
    expect(receipt).toMatchObject({ overlay: { sha256: 'half', variants: ['main'] } });
  }
});

it('is enlarged in a large variant, and no higher than a flat one', async () => {
  const wanted = profile({
    variants: { main: {}, flat: { fit: 'cover', width: 400, height: 10 } },
    overlay: overlay({ position: 'northwest', scale: 0.5 }),
  });
  const { files } = await bench.rendered(await plain(400, 300, '#ffffff').png().toBuffer(), {
    profile: wanted,
  });
  const main = await pixelsOf(files.main ?? Buffer.of());
  expect([pixel(main, 90, 90), pixel(main, 110, 10), pixel(main, 50, 110)]).toEqual([
    RED,
    [255, 255, 255],
    [255, 255, 255],
  ]);
  const flat = await pixelsOf(files.flat ?? Buffer.of());
  expect(flat).toMatchObject({ width: 400, height: 10 });
  expect([pixel(flat, 8, 9), pixel(flat, 30, 5)]).toEqual([RED, [255, 255, 255]]);
});

it('mixes with an opaque and with a transparent image by its opacity', async () => {
  const at = overlay({ position: 'northwest', opacity: 0.5, scale: 1 });
  const wanted = profile({ variants: { main: {} }, overlay: at });
  const colourOn = async (image: Sharp) => {
    const { files } = await bench.rendered(await image.png().toBuffer(), { profile: wanted });
    return pixel(await pixelsOf(files.main ?? Buffer.of()), 2, 2);
  };
  const on = (alpha: number) => plain(40, 20, '#0000ff').ensureAlpha(alpha);
  expect(await colourOn(plain(40, 20, '#0000ff'))).toEqual(near([128, 0, 127]));
  expect(await colourOn(on(0))).toEqual(near([255, 0, 0, 128]));
  // Red of alpha 0.5 over blue of alpha 0.5 has alpha 0.75, and is two thirds red.
  expect(await colourOn(on(0.5))).toEqual(near([170, 0, 85, 191]));
});

it('keeps the colours of invisible pixels beside it', async () => {
  const source = await plain(40, 20, '#123456').ensureAlpha(0).png().toBuffer();
  const wanted = profile({ variants: { main: {} }, overlay: overlay({ scale: 0.5 }) });
  const { files } = await bench.rendered(source, { profile: wanted });
  expect(pixel(await pixelsOf(files.main ?? Buffer.of()), 2, 2)).toEqual([0x12, 0x34, 0x56, 0]);
});

it.each<[string, (image: Sharp) => Promise<Buffer>]>([
  ['a grey PNG', (image) => image.toColourspace('b-w').png().toBuffer()],
  ['a grey JPEG', (image) => image.toColourspace('b-w').jpeg().toBuffer()],
  ['a grey PNG with alpha', (image) => image.toColourspace('b-w').ensureAlpha().png().toBuffer()],
  ['a PNG of 16 bits', (image) => image.toColourspace('rgb16').png().toBuffer()],
  ['a PNG with a palette', (image) => image.png({ palette: true }).toBuffer()],
  ['a CMYK JPEG', (image) => image.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()],
  ['an AVIF', (image) => image.avif({ effort: 0 }).toBuffer()],
])('is red on %s', async (_, encode) => {
  const wanted = profile({
    variants: { main: { format: 'png' }, lossy: { format: 'jpeg', quality: 95 } },
    overlay: overlay({ position: 'northwest', scale: 0.5 }),
  });
  const { files } = await bench.rendered(await encode(plain(80, 40, '#c0c0c0')), { profile: wanted });
  const main = await pixelsOf(files.main ?? Buffer.of());
  expect(pixel(main, 10, 10).slice(0, 3)).toEqual(RED);
  const [red = 0, green = 0, blue = 0] = pixel(main, 70, 30);
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(12);
  const lossy = await pixelsOf(files.lossy ?? Buffer.of());
  expect(pixel(lossy, 8, 8)).toEqual([
    expect.closeTo(254, -1.5),
    expect.closeTo(0, -1.5),
    expect.closeTo(0, -1.5),
  ]);
});

it('has its colours in a wide gamut', async () => {
  const wanted = profile({
    colorSpace: 'preserve',
    variants: { main: { format: 'png' }, small: { format: 'png', width: 40 }, gif: { format: 'gif' } },
    overlay: overlay({ position: 'northwest', scale: 0.5 }),
  });
  const source = await plain(80, 40, '#00ff00').withIccProfile('p3').png().toBuffer();
  const { files, receipt } = await bench.rendered(source, { profile: wanted });
  expect(receipt.colorProfile).toContain('P3');
  for (const name of ['main', 'small']) {
    const shown = await pixelsOf(files[name] ?? Buffer.of());
    // sRGB red and green in Display P3.
    expect(pixel(shown, 5, 5).slice(0, 3), name).toEqual(near([234, 51, 35]));
    expect(pixel(shown, 35, 15).slice(0, 3), name).toEqual(near([117, 251, 76]));
  }
  expect(pixel(await pixelsOf(files.gif ?? Buffer.of()), 5, 5).slice(0, 3)).toEqual(near(RED));
});

it('lies on every frame of an animation, and on the first one alone', async () => {
  const frames = coloured(80, 40, [
    [20, 20, 230],
    [20, 200, 20],
    [230, 230, 20],
  ]);
  const wanted = profile({
    variants: {
      main: { quality: 100 },
      gif: { format: 'gif', width: 40 },
      square: { fit: 'cover', width: 40, height: 40, quality: 100 },
      first: { format: 'png', animated: 'first' },
    },
    overlay: overlay({ position: 'northwest', scale: 0.5 }),
  });
  const source = await (await animation(frames)).webp({ lossless: true }).toBuffer();
  const { files, variants } = await bench.rendered(source, { profile: wanted });
  for (const name of ['main', 'gif', 'square']) {
    const strip = await pixelsOf(files[name] ?? Buffer.of(), -1);
    const height = variants[name]?.height ?? 0;
    expect(strip.height).toBe(3 * height);
    for (const frame of [0, 1, 2]) {
      expect(pixel(strip, 3, frame * height + 3).slice(0, 3), `${name} ${frame}`).toEqual(
        RED.map((value) => expect.closeTo(value, -1.7)),
      );
      const beside = pixel(strip, strip.width - 3, frame * height + height - 3).slice(0, 3);
      expect(beside, `${name} ${frame}`).toEqual(
        pixel(frames[frame] ?? scene(1, 1), 0, 0).map((value) => expect.closeTo(value, -1.7)),
      );
    }
  }
  expect(pixel(await pixelsOf(files.first ?? Buffer.of()), 3, 3).slice(0, 3)).toEqual(RED);
});

it('lies on the named variants only, also on one of two that are otherwise equal', async () => {
  const source = noise(64, 48);
  const wanted = profile({
    variants: { main: {}, copy: {}, thumb: { width: 32 } },
    overlay: overlay({ variants: ['copy', 'thumb'] }),
  });
  const { files, receipt } = await bench.rendered(await open(source).png().toBuffer(), { profile: wanted });
  expect(difference(await pixelsOf(files.main ?? Buffer.of()), source)).toBe(0);
  expect(difference(await pixelsOf(files.copy ?? Buffer.of()), source)).toBeGreaterThan(0.1);
  expect(receipt.overlay).toEqual({ sha256: 'half', variants: ['copy', 'thumb'] });
  expect(receipt.grew).not.toBe('pixels_changed');
});

it('says in the receipt that it made a main larger', async () => {
  const noisy = new Map([['half', await open(noise(300, 300)).png().toBuffer()]]);
  const other = await openBench({ overlays: noisy });
  onTestFinished(() => other.close());
  const wanted = profile({ variants: { main: {} }, overlay: overlay({ scale: 1 }) });
  const source = await plain(300, 300, '#808080').png().toBuffer();
  expect((await other.rendered(source, { profile: wanted })).receipt.grew).toBe('pixels_changed');
});

it('in the example for labels has a text of 5 % of the shorter side, on upright and on wide images', async () => {
  const PROFILES_FILE = fileURLToPath(
    new URL('../../../../examples/ai-label/profiles.yaml', import.meta.url),
  );
  const { profiles, overlays: files } = readSettings({ PROFILES_FILE }, readProfiles);
  const posts = profiles.get('posts');
  if (posts?.overlay === undefined) throw new Error('no overlay');
  const example = await openBench({ overlays: files });
  onTestFinished(() => example.close());
  const { when: _, ...always } = posts.overlay;
  const wanted = { ...posts, overlay: always };
  for (const [width, height] of [
    [300, 400],
    [400, 300],
    [800, 100],
  ] as const) {
    const source = await plain(width, height, '#606060').png().toBuffer();
    const { files: drawn } = await example.rendered(source, { profile: wanted });
    const shown = await pixelsOf(drawn.main ?? Buffer.of());
    const isText = (y: number) =>
      Array.from({ length: width }, (__, x) => pixel(shown, x, y)[0] ?? 0).some((red) => red > 200);
    const rows = Array.from({ length: height }, (__, y) => y).filter(isText);
    const textHeight = (rows.at(-1) ?? 0) - (rows[0] ?? 0) + 1;
    expect(textHeight / Math.min(width, height)).toBeGreaterThan(0.05);
  }
});

it('with `when: aiLabel` lies on labelled images only, beside the label in their metadata', async () => {
  const wanted = profile({
    variants: { main: {}, thumb: { width: 20, format: 'webp' } },
    overlay: overlay({ when: 'aiLabel', position: 'northwest', scale: 0.5 }),
  });
  const element = `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${LABELS.minimal}</T:AIGC>`;
  const image = plain(40, 20, '#ffffff').jpeg({ quality: 100 });
  const labelled = await image
    .clone()
    .withXmp(packetOf({ elements: element }).toString())
    .toBuffer();
  const { files, receipt } = await bench.rendered(labelled, { profile: wanted });
  expect(receipt).toMatchObject({
    aiLabel: { label: 'ai', written: true },
    overlay: { variants: ['main', 'thumb'] },
  });
  for (const file of Object.values(files)) {
    expect((await sharp(file).metadata()).xmp?.toString()).toContain('TC260:AIGC');
    const [red = 0, green = 255] = pixel(await pixelsOf(file), 2, 2);
    expect(red - green).toBeGreaterThan(150);
  }
  const plainImage = await bench.rendered(await image.toBuffer(), { profile: wanted });
  expect(plainImage.receipt).not.toHaveProperty('overlay');
  expect(pixel(await pixelsOf(plainImage.files.main ?? Buffer.of()), 2, 2)).toEqual([255, 255, 255]);

  const dropping = await openBench({ overlays, labels: { isKept: false, propagator: null } });
  onTestFinished(() => dropping.close());
  const dropped = await dropping.rendered(labelled, { profile: wanted });
  expect(dropped.receipt).toMatchObject({ aiLabel: { omitted: 'setting' }, overlay: { sha256: 'half' } });
});
