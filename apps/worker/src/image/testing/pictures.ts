import sharp, { type Sharp } from 'sharp';

export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  channels: 3 | 4;
}

/** Four corners of different colours and a gradient, so that each rotation or mirroring looks different. */
export function scene(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const left = x < width / 2;
      const top = y < height / 2;
      const shade = Math.round((60 * (x + y)) / (width + height));
      data.set(
        [top ? 190 - shade : 30, left ? 60 + shade : 170, left === top ? 40 : 200],
        (y * width + x) * 3,
      );
    }
  return { data, width, height, channels: 3 };
}

/** Seeded noise, which encoders cannot compress. */
export function noise(width: number, height: number, seed = 1): Pixels {
  const random = generator(seed);
  const data = Buffer.from(Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256)));
  return { data, width, height, channels: 3 };
}

/** Mulberry32, a seeded random number generator. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const open = ({ data, ...raw }: Pixels): Sharp => sharp(data, { raw });

export const plain = (width: number, height: number, colour: string): Sharp =>
  sharp({ create: { width, height, channels: 3, background: colour } });

/** Pixels as a viewer without colour management shows them. */
export async function pixelsOf(file: Buffer, pages = 1): Promise<Pixels> {
  const { data, info } = await sharp(file, { pages, ignoreIcc: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 };
}

export function pixel({ data, width, channels }: Pixels, x: number, y: number): number[] {
  const at = (y * width + x) * channels;
  return [...data.subarray(at, at + channels)];
}

/** The mean difference between two images of the same size, 0 to 255. */
export function difference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`${a.width} × ${a.height} is not ${b.width} × ${b.height}`);
  let sum = 0;
  for (let i = 0; i < a.width * a.height; i++)
    for (let c = 0; c < 3; c++)
      sum += Math.abs((a.data[i * a.channels + c] ?? 0) - (b.data[i * b.channels + c] ?? 0));
  return sum / (a.width * a.height * 3);
}

/** The pixels that a camera stores for this image and `orientation` (EXIF 2.32, tag 0x0112). */
export function storedAs(orientation: number, upright: Pixels): Pixels {
  const { width: w, height: h } = upright;
  const [width, height] = orientation >= 5 ? [h, w] : [w, h];
  const data = Buffer.alloc(w * h * 3);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [x, y] = seenAt(orientation, row, column, w, h);
      data.set(pixel(upright, x, y), (row * width + column) * 3);
    }
  return { data, width, height, channels: 3 };
}

function seenAt(orientation: number, row: number, column: number, w: number, h: number): [number, number] {
  switch (orientation) {
    case 2:
      return [w - 1 - column, row];
    case 3:
      return [w - 1 - column, h - 1 - row];
    case 4:
      return [column, h - 1 - row];
    case 5:
      return [row, column];
    case 6:
      return [w - 1 - row, column];
    case 7:
      return [w - 1 - row, h - 1 - column];
    case 8:
      return [row, h - 1 - column];
    default:
      return [column, row];
  }
}

export async function animation(frames: readonly Pixels[]): Promise<Sharp> {
  const stills = await Promise.all(frames.map((frame) => open(frame).png().toBuffer()));
  return sharp(stills, { join: { animated: true } });
}

/** Frames, each filled with one colour. */
export const coloured = (width: number, height: number, colours: readonly (readonly number[])[]): Pixels[] =>
  colours.map((colour) => ({
    width,
    height,
    channels: 3,
    data: Buffer.alloc(width * height * 3, Buffer.from(colour)),
  }));

/** Inserts a segment at the start of a JPEG. */
export function withSegment(jpeg: Buffer, marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, payload, jpeg.subarray(2)]);
}

export const jpegWithIcc = (jpeg: Buffer, profile: Buffer) =>
  withSegment(jpeg, 0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]));
