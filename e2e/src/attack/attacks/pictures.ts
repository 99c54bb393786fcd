import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { encodeHeic, findOrInstallHeif, heicDecoders } from '../../harness/heif-enc.js';
import { post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { flat, IMAGES, jpegOf, KIB, MIB } from './support.js';

/* Pictures that take a decoder seconds. */

export const slowDecodes: Attack = {
  name: 'slow-decodes',
  about: 'images of 49 megapixels that keep every lane of the worker busy',
  watchMs: 12_000,
  maxMs: 30_000,
  async run(alice, size) {
    const picture = await flat(7000, 7000).png({ progressive: true, compressionLevel: 1 }).toBuffer();
    const request = post(IMAGES, 'image/png', picture);
    await alice.flood({ connections: 8, total: 20 * size, request: () => request });
  },
};

const ANIMATIONS = 12;

export const slowSingles: Attack = {
  name: 'slow-singles',
  about: '12 animations of 1 MB that take some seconds each, again and again',
  maxMs: 60_000,
  async run(alice, size) {
    const request = post(IMAGES, 'image/gif', await animation(800, 600, 80), { Prefer: 'wait=60' });
    await alice.flood({ connections: ANIMATIONS, total: ANIMATIONS * size, request: () => request });
  },
};

/** Rings that move outwards: small as a GIF, and slow to encode as WebP. */
function animation(width: number, height: number, frames: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * frames);
  for (let i = 0; i < pixels.length; i++) {
    const [frame, place] = [Math.floor(i / (width * height)), i % (width * height)];
    const [x, y] = [place % width, Math.floor(place / width)];
    pixels[i] = (((x * x + y * y) >> 13) + frame * 9) & 0xf0;
  }
  const raw = { width, height: height * frames, channels: 1, pageHeight: height } as const;
  return sharp(pixels, { raw }).gif({ effort: 1, colours: 16, dither: 0 }).toBuffer();
}

const TEXTS = 200;
const TEXT_BYTES = 19 * MIB;
/** An image without the texts takes 0.2 s. */
const LONGEST_MS = 2000;

export const pngTexts: Attack = {
  name: 'png-texts',
  about: 'PNGs of 4 MB with 200 texts that inflate to 19 MiB each, one after another',
  maxMs: 60_000,
  async run(alice, size) {
    const chunk = pngChunk(
      'zTXt',
      Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(TEXT_BYTES))]),
    );
    const plain = await flat(64, 48).png().toBuffer();
    const picture = Buffer.concat([
      plain.subarray(0, 33),
      ...Array<Buffer>(TEXTS).fill(chunk),
      plain.subarray(33),
    ]);
    const request = post(IMAGES, 'image/png', picture, { Prefer: 'wait=60' });
    let longestMs = 0;
    for (let n = 0; n < size && !alice.signal.aborted; n++) {
      const since = performance.now();
      await alice.send(request);
      longestMs = Math.max(longestMs, performance.now() - since);
    }
    if (longestMs > LONGEST_MS) alice.finding(`an image took ${longestMs.toFixed(0)} ms`);
  },
};

export const heicFlood: Attack = {
  name: 'heic-flood',
  about:
    'HEICs of 12 megapixels, truncated ones and some that only look like one, as fast as the API accepts them',
  env: { HEIC_DECODER: heicDecoders().at(-1) ?? '' },
  watchMs: 12_000,
  maxMs: 40_000,
  async run(alice, size) {
    await findOrInstallHeif((line) => process.stderr.write(`${line}\n`));
    const large = await encodeHeic([await jpegOf(4000, 3000)]);
    const bodies = [
      large,
      large.subarray(0, large.length / 2),
      Buffer.concat([large.subarray(0, 64), randomBytes(64 * KIB)]),
    ];
    const requests = bodies.map((body) => post(IMAGES, 'image/heic', body));
    await alice.flood({
      connections: 8,
      total: 30 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await alice.wait(5000);
  },
};

function pngChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(data, crc32(type)));
  return Buffer.concat([head, data, checksum]);
}
