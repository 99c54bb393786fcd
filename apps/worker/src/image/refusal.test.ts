import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { FUZZ_TIMES } from '@pixdock/shared/testing/fuzz';
import { childrenOf } from '@pixdock/shared/testing/processes';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './default-limits.js';
import { type Bench, openBench, profile } from './testing/bench.js';
import { makeGif } from './testing/gif.js';
import { animation, generator, noise, open, scene, withSegment } from './testing/pictures.js';
import { pngHeader } from './testing/png.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';
const ftyp = (...brands: string[]) => {
  const box = Buffer.from(`\0\0\0\0ftyp${brands[0]}\0\0\0\0${brands.join('')}`, 'latin1');
  box.writeUInt32BE(box.length, 0);
  return Buffer.concat([box, Buffer.alloc(200)]);
};

describe('a file that is not an accepted image', () => {
  it.each<[string, Buffer, string]>([
    ['SVG', Buffer.from(SVG), 'unsupported_media_type'],
    ['SVG after an XML declaration', Buffer.from(`<?xml version="1.0"?>\n${SVG}`), 'unsupported_media_type'],
    ['compressed SVG', gzipSync(SVG), 'unsupported_media_type'],
    ['PDF', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF'), 'unsupported_media_type'],
    ['PPM', Buffer.from('P6 1 1 255 abc'), 'unsupported_media_type'],
    ['text', Buffer.from('certainly an image.png\n'.repeat(30)), 'unsupported_media_type'],
    ['HTML', Buffer.from('<html><script>alert(1)</script>'), 'unsupported_media_type'],
    ['two bytes', Buffer.of(0x89, 0x50), 'unsupported_media_type'],
    ['nothing', Buffer.alloc(0), 'unsupported_media_type'],
    ['zeros', Buffer.alloc(5000), 'unsupported_media_type'],
    ['HEIC', ftyp('heic', 'mif1'), 'heic_unsupported'],
    ['HEIC with another brand', ftyp('mif1', 'hevx'), 'heic_unsupported'],
    ['an empty AVIF', ftyp('avif', 'mif1'), 'image_corrupt'],
    ['a HEIC sequence', ftyp('msf1', 'hevc'), 'heic_unsupported'],
    ['an AVIF animation', ftyp('avis', 'avif', 'mif1'), 'unsupported_media_type'],
    ['a video', ftyp('isom', 'mp42'), 'unsupported_media_type'],
    ['BMP', Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0\0\0', 'latin1'), 'unsupported_media_type'],
    ['an icon', Buffer.of(0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0), 'unsupported_media_type'],
    ['Photoshop', Buffer.from('8BPS\0\x01\0\0\0\0\0\0\0\x03', 'latin1'), 'unsupported_media_type'],
    ['JPEG XL', Buffer.of(0xff, 0x0a, 0, 0), 'unsupported_media_type'],
    ['JPEG XL in boxes', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), 'unsupported_media_type'],
    ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'unsupported_media_type'],
    ['a camera raw file', Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'), 'unsupported_media_type'],
    ['a WAV file', Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1'), 'unsupported_media_type'],
    ['a GIF header', Buffer.from('GIF89a'), 'image_truncated'],
    ['a JPEG header', Buffer.of(0xff, 0xd8, 0xff), 'image_truncated'],
    [
      'SVG after the signature of a PNG',
      Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(SVG)]),
      'image_truncated',
    ],
    [
      'SVG after the signature of a JPEG',
      Buffer.concat([Buffer.of(0xff, 0xd8, 0xff), Buffer.from(SVG), Buffer.of(0xff, 0xd9)]),
      'image_corrupt',
    ],
  ])('is refused: %s', async (_, bytes, code) => {
    expect(await bench.refusal(bytes)).toBe(code);
  });

  it('is refused if it is TIFF or a libvips file, unless TIFF is allowed', async () => {
    const tiff = await open(scene(40, 30)).tiff().toBuffer();
    const vips = Buffer.concat([Buffer.from('b6a6f208', 'hex'), Buffer.alloc(400)]);
    expect(await bench.refusal(tiff)).toBe('unsupported_media_type');
    expect(await bench.refusal(vips)).toBe('unsupported_media_type');
    const liberal = await openBench({ limits: { ...DEFAULT_LIMITS, formats: ['tiff'] } });
    const { variants, source } = await liberal.rendered(tiff);
    expect([source.format, variants.main?.format]).toEqual(['tiff', 'webp']);
    expect(await liberal.refusal(await open(scene(40, 30)).png().toBuffer())).toBe('unsupported_media_type');
    expect(await liberal.refusal(tiff.subarray(0, tiff.length - 1500))).toMatch(/^image_/);
    await liberal.close();
  });
});

it('is refused by name if it is JPEG XL or a JPEG of more than 8 bits', async () => {
  const jpeg = await open(scene(40, 30)).jpeg().toBuffer();
  const deep = (bits: number) => {
    const file = Buffer.from(jpeg);
    file[file.indexOf(Buffer.of(0xff, 0xc0)) + 4] = bits;
    return file;
  };
  const exif = Buffer.alloc(60_000, 1);
  for (const [file, detail] of [
    [Buffer.of(0xff, 0x0a, 0x7f, 0), { reason: 'jpeg-xl', params: {} }],
    [Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), { reason: 'jpeg-xl', params: {} }],
    [deep(12), { reason: 'jpeg-bits', params: { bits: 12 } }],
    [withSegment(deep(12), 0xe1, exif), { reason: 'jpeg-bits', params: { bits: 12 } }],
    [deep(16), { reason: 'jpeg-bits', params: { bits: 16 } }],
  ] as const)
    expect(await bench.render(file)).toMatchObject({ code: 'unsupported_media_type', detail });
  expect(await bench.refusal(deep(7))).toBe('image_corrupt');
});

describe('a header that claims a wrong size', () => {
  it('costs no memory', async () => {
    const fresh = await openBench();
    expect(await fresh.refusal(pngHeader(20_000, 20_000))).toBe('image_too_large');
    expect(await fresh.refusal(pngHeader(2 ** 31 - 1, 2 ** 31 - 1))).toMatch(/^image_(too_large|corrupt)$/);
    const children = childrenOf();
    for (const child of children) {
      const status = await readFile(`/proc/${child}/status`, 'latin1');
      // The newest child belongs to the new bench. The other may have decoded large images.
      if (child === Math.max(...children))
        expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(150_000);
    }
    await fresh.close();
  });

  it.each([
    [10_000_000, 1],
    [0, 100],
    [100, 0],
    [5000, 5000],
  ])('is refused for %i × %i in a PNG of a hundred bytes', async (width, height) => {
    expect(await bench.refusal(pngHeader(width, height))).toBe('image_corrupt');
  });

  it('is refused in a JPEG and corrected in a GIF', async () => {
    const jpeg = await open(noise(64, 64)).jpeg().toBuffer();
    const at = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    jpeg.writeUInt16BE(60_000, at + 5);
    jpeg.writeUInt16BE(60_000, at + 7);
    expect(await bench.refusal(jpeg)).toBe('image_too_large');
    const gif = await open(noise(64, 64)).gif().toBuffer();
    gif.writeUInt16LE(8000, 6);
    gif.writeUInt16LE(8000, 8);
    // The decoder uses the size of the frames if the screen size is implausible.
    expect((await bench.rendered(gif)).source).toMatchObject({ width: 64, height: 64 });
  });
});

/** Mutants of each of eleven formats; PIXDOCK_FUZZ_TIMES=20 tries 2000. */
const ROUNDS = 100 * FUZZ_TIMES;

const SAMPLES: Record<string, () => Promise<Buffer>> = {
  jpeg: () => open(noise(48, 40)).jpeg().toBuffer(),
  'progressive jpeg': () => open(noise(48, 40)).jpeg({ progressive: true }).toBuffer(),
  png: () => open(noise(48, 40)).png().toBuffer(),
  'interlaced png': () => open(noise(48, 40)).png({ progressive: true }).toBuffer(),
  webp: () => open(noise(48, 40)).webp().toBuffer(),
  'lossless webp': () => open(noise(48, 40)).webp({ lossless: true }).toBuffer(),
  'animated webp': async () =>
    (await animation([1, 2, 3].map((seed) => noise(24, 20, seed)))).webp().toBuffer(),
  gif: () => open(noise(48, 40)).gif().toBuffer(),
  'animated gif': async () =>
    (await animation([1, 2, 3].map((seed) => noise(24, 20, seed)))).gif().toBuffer(),
  avif: () => open(noise(48, 40)).avif({ effort: 0 }).toBuffer(),
};

describe.each(Object.keys(SAMPLES))('%s', (name) => {
  let whole: Buffer;
  beforeAll(async () => {
    whole = (await SAMPLES[name]?.()) ?? Buffer.of();
  });

  it('is rendered when it is complete', async () => {
    expect(await bench.refusal(whole)).toBe('rendered');
  });

  it('is refused as truncated at any length', async () => {
    // A GIF may lack its last byte, the trailer.
    const ends = [name.endsWith('gif') ? 2 : 1, 2, 3, 4, 5, 8, 11, 12, 13, 16].map(
      (from) => whole.length - from,
    );
    const spread = Array.from({ length: 40 }, (_, i) => 16 + Math.floor(((whole.length - 32) * i) / 40));
    const first = profile({ variants: { main: { animated: 'first' } } });
    for (const length of [...spread, ...ends])
      for (const wanted of name.startsWith('animated')
        ? [first, profile({ variants: { main: {} } })]
        : [first])
        expect(
          await bench.refusal(whole.subarray(0, length), { profile: wanted }),
          `${length} of ${whole.length}`,
        ).toBe('image_truncated');
  });

  it('is rendered or refused with flipped bits', async () => {
    const random = generator(whole.length);
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const mutant = Buffer.from(whole);
      for (let flips = 1 + Math.floor(random() * 4); flips > 0; flips--) {
        // Half of the flips are in the header, which contains the structure.
        const reach = random() < 0.5 ? Math.min(200, mutant.length) : mutant.length;
        const at = Math.floor(random() * reach);
        mutant[at] = (mutant[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      seen.add(await bench.refusal(mutant));
    }
    const allowed = [
      'rendered',
      'image_corrupt',
      'image_truncated',
      'image_too_large',
      'unsupported_media_type',
    ];
    allowed.push('heic_unsupported', 'too_many_frames', 'image_too_complex');
    expect([...seen].filter((outcome) => !allowed.includes(outcome))).toEqual([]);
    expect(await bench.refusal(whole)).toBe('rendered');
  });
});

it('distinguishes damage from truncation, even with bytes after the end', async () => {
  const jpeg = await open(noise(48, 40)).jpeg().toBuffer();
  const broken = Buffer.from(jpeg);
  broken[broken.indexOf(Buffer.of(0xff, 0xc0)) + 9] = 7;
  expect(await bench.refusal(Buffer.concat([broken, Buffer.alloc(9000)]))).toBe('image_corrupt');
  const png = await open(noise(48, 40)).png().toBuffer();
  const flipped = Buffer.from(png);
  flipped[png.indexOf('IDAT') + 900] = (flipped[png.indexOf('IDAT') + 900] ?? 0) ^ 1;
  expect(await bench.refusal(flipped)).toBe('image_corrupt');
  expect(await bench.refusal(Buffer.concat([flipped, Buffer.alloc(9000)]))).toBe('image_corrupt');
});

it('calls a file damaged if it ends as it should, although its parts reach past the end', async () => {
  const [jpeg, png] = await Promise.all(
    (['jpeg', 'png'] as const).map((format) => open(noise(48, 40)).toFormat(format).toBuffer()),
  );
  const gif = makeGif({ width: 9, height: 9 }, [{ width: 9, height: 9 }]);
  jpeg?.writeUInt16BE(0xffff, jpeg.indexOf(Buffer.of(0xff, 0xda)) + 2);
  png?.writeUInt32BE(0xffff, png.indexOf('IDAT') - 4);
  // The length of the only block of pixel data.
  gif[gif.indexOf(',', 19) + 11] = 0xff;
  for (const file of [jpeg, png, gif].filter((each) => each !== undefined)) {
    expect(await bench.refusal(file)).toBe('image_corrupt');
    expect(await bench.refusal(file.subarray(0, -1))).toBe('image_truncated');
  }
});

describe('a JPEG with many scans', () => {
  it('is refused above the limit before the decode and accepted below it', async () => {
    const jpeg = await open(noise(64, 64)).jpeg({ progressive: true }).toBuffer();
    expect(await bench.refusal(jpeg)).toBe('rendered');
    const last = jpeg.lastIndexOf(Buffer.of(0xff, 0xda));
    const again = jpeg.subarray(last, -2);
    const many = Buffer.concat([
      jpeg.subarray(0, -2),
      ...Array.from({ length: 91 }, () => again),
      jpeg.subarray(-2),
    ]);
    expect(await bench.refusal(many)).toBe('image_too_complex');
    const strict = await openBench({ limits: { ...DEFAULT_LIMITS, maxScans: 9 } });
    expect(await strict.refusal(jpeg)).toBe('image_too_complex');
    await strict.close();
  });
});

describe('a requirement of the profile', () => {
  const picture = () => open(scene(160, 90)).png().toBuffer();
  it.each([
    [{ formats: ['jpeg', 'webp'] as ('jpeg' | 'webp')[] }, 'unsupported_media_type'],
    [{ maxBytes: 100 }, 'source_too_large'],
    [{ minWidth: 161 }, 'image_too_small'],
    [{ minHeight: 91 }, 'image_too_small'],
    [{ aspect: '1:1' }, 'aspect_mismatch'],
    [{ aspect: '9:16' }, 'aspect_mismatch'],
    [
      { aspect: '16:9', minWidth: 160, minHeight: 90, formats: ['png'] as 'png'[], maxBytes: '1MiB' },
      'rendered',
    ],
    [{ aspect: '177:100' }, 'rendered'],
    [{ aspect: '174:100' }, 'aspect_mismatch'],
  ])('%o', async (require, code) => {
    expect(
      await bench.refusal(await picture(), { profile: profile({ require, variants: { main: {} } }) }),
    ).toBe(code);
  });

  it('applies to the size after orientation', async () => {
    const turned = await open(scene(160, 90)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const tall = profile({ require: { aspect: '9:16', minHeight: 160 }, variants: { main: {} } });
    expect(await bench.refusal(turned, { profile: tall })).toBe('rendered');
  });
});

describe('maxBytes of a variant', () => {
  const big = () => open(noise(300, 200)).png().toBuffer();
  const within = (maxBytes: number, rest: object = {}) =>
    profile({ variants: { main: { maxBytes, ...rest } } });

  it('turns an oversized PNG or GIF into WebP', async () => {
    const png = await bench.rendered(await big(), { profile: within(100_000) });
    expect(png.variants.main).toMatchObject({ format: 'webp', file: 'main.webp', width: 300, height: 200 });
    expect(png.receipt.encoder).toBe('webp q80 effort 2');
    const moving = await (await animation([1, 2, 3, 4].map((seed) => noise(60, 50, seed))))
      .gif({ delay: [50, 60, 70, 80] })
      .toBuffer();
    const gif = await bench.rendered(moving, { profile: within(12_000, { format: 'gif' }) });
    expect(gif.variants.main?.format).toBe('webp');
    expect(await sharp(gif.files.main, { pages: -1 }).metadata()).toMatchObject({
      pages: 4,
      pageHeight: 50,
      delay: [50, 60, 70, 80],
    });
  });

  it('lowers the quality until the variant fits', async () => {
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const free = await bench.rendered(await big(), { profile: within(19_000_000, { format, effort: 0 }) });
      const most = Math.floor((free.variants.main?.bytes ?? 0) * 0.7);
      const { variants, files, receipt } = await bench.rendered(await big(), {
        profile: within(most, { format, effort: 0 }),
      });
      expect(files.main?.length).toBe(variants.main?.bytes);
      expect(variants.main?.bytes).toBeLessThanOrEqual(most);
      expect(variants.main?.format).toBe(format);
      expect(receipt.encoder).not.toBe(free.receipt.encoder);
    }
  });

  it('refuses an image that exceeds it at the lowest quality', async () => {
    for (const format of ['keep', 'jpeg', 'gif', 'avif'] as const)
      expect(await bench.refusal(await big(), { profile: within(300, { format, effort: 0 }) })).toBe(
        'image_too_large',
      );
  });

  it('does not change a quality below the floor when the variant fits', async () => {
    const { receipt } = await bench.rendered(await big(), {
      profile: within(1_000_000, { format: 'jpeg', quality: 5 }),
    });
    expect(receipt.encoder).toBe('jpeg q5');
  });
});
