import { mkdtemp, mkdtempDisposable, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEIC_SAMPLE, HEIC_WASM, runHeicDecoder } from '@pixdock/shared/runtime/heic-decoder';
import { FUZZ_TIMES } from '@pixdock/shared/testing/fuzz';
import { childrenOf } from '@pixdock/shared/testing/processes';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../apps/worker/src/image/default-limits.js';
import { type Bench, openBench, profile } from '../../../apps/worker/src/image/testing/bench.js';
import { DISPLAY_P3, makeProfile, toSrgb } from '../../../apps/worker/src/image/testing/colour-profile.js';
import { exifSegment, makeExif } from '../../../apps/worker/src/image/testing/exif.js';
import {
  auxC,
  box,
  type Coded,
  codedOf,
  ispe,
  makeAvif,
  nclx,
} from '../../../apps/worker/src/image/testing/heif.js';
import {
  difference,
  generator,
  open,
  type Pixels,
  pixel,
  pixelsOf,
  plain,
  scene,
  storedAs,
  withSegment,
} from '../../../apps/worker/src/image/testing/pictures.js';
import { pngWithIcc } from '../../../apps/worker/src/image/testing/png.js';
import { ssim } from '../fidelity/metrics/ssim.js';
import { encodeHeic, findOrInstallHeif, heicDecoders } from '../harness/heif-enc.js';
import { canMountDisks, mountSmallDisk } from '../harness/small-disk.js';

/* HEIC files that Debian's heif-enc makes, rendered with its heif-dec and with libheif in WebAssembly. */

let bench: Bench;
const limits = (heicDecoder: string) => ({
  ...DEFAULT_LIMITS,
  formats: [...DEFAULT_LIMITS.formats, 'heic' as const],
  heicDecoder,
});
beforeAll(() => findOrInstallHeif((line) => console.log(line)));

const asPng = profile({ variants: { main: { format: 'png' } } });
const SCENE = scene(320, 240);
const grey = () => open(SCENE).greyscale().png().toBuffer();
const GREY = await pixelsOf(await open(SCENE).greyscale().toColourspace('srgb').png().toBuffer());
const png = (pixels: Pixels = SCENE) => open(pixels).png().toBuffer();
const encoded = async (...options: string[]) => encodeHeic([await png()], ...options);

async function shown(source: Buffer): Promise<Pixels> {
  const { files } = await bench.rendered(source, { profile: asPng });
  return pixelsOf(files['main'] ?? Buffer.of());
}

/** The largest mean difference that the encoder causes. */
const CLOSE = 3;
const MIN_SSIM = 0.98;

async function expectLike(found: Pixels, wanted: Pixels): Promise<void> {
  expect(difference(found, wanted)).toBeLessThan(CLOSE);
  const luma = async (pixels: Pixels) =>
    Float32Array.from(await sharp(pixels.data, { raw: pixels }).greyscale().raw().toBuffer());
  expect(ssim(await luma(found), await luma(wanted), wanted.width, wanted.height)).toBeGreaterThan(MIN_SSIM);
}

/** A HEIC of boxes that heif-enc does not write. */
const assemble = (items: Parameters<typeof makeAvif>[0], options: Parameters<typeof makeAvif>[1] = {}) =>
  makeAvif(items, { brand: 'heic', compatible: 'mif1heic', ...options });
const coded = async (pixels = SCENE, ...options: string[]) =>
  codedOf(await encodeHeic([await png(pixels)], ...options), 'hvcC');
const item = ({ data, config }: Coded, width: number, height: number, ...more: Buffer[]) => ({
  type: 'hvc1',
  data,
  properties: [config, ispe(width, height), nclx(1, 13, 6), ...more],
});

/** Of these tiles, in turn, which are not hidden. */
const grid = (columns: number, rows: number, width: number, height: number, tiles: Coded[], side = 64) => {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const ids = Array.from({ length: columns * rows }, (_, i) => 2 + (i % tiles.length));
  return assemble(
    [
      {
        type: 'grid',
        data: Buffer.concat([Buffer.of(0, 1, rows - 1, columns - 1), size]),
        properties: [ispe(width, height)],
      },
      ...tiles.map((tile) => item(tile, side, side)),
    ],
    { references: [['dimg', 1, ...ids]] },
  );
};

/** Width, height and offset of the centre as fractions (ISO/IEC 14496-12 12.1.4). */
const clap = (...fractions: number[]) => {
  const body = Buffer.alloc(fractions.length * 4);
  for (const [i, value] of fractions.entries()) body.writeInt32BE(value, i * 4);
  return box('clap', body);
};

it.runIf(heicDecoders().includes(HEIC_WASM))('ends WebAssembly at its limit of memory', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pixdock-heic-'));
  await writeFile(join(folder.path, 'a.heic'), HEIC_SAMPLE);
  const names = { folder: folder.path, input: 'a.heic', output: 'a.png' };
  const others = { cpuSeconds: 10, outputBytes: 2 ** 20, timeoutMs: 20_000 };
  const ends = [0, 2 ** 30].map((memoryBytes) =>
    runHeicDecoder(HEIC_WASM, names, { ...others, memoryBytes }),
  );
  expect((await Promise.all(ends)).map(({ end }) => end)).toEqual(['limit', 'decoded']);
});

describe.each(heicDecoders())('with %s', (heicDecoder) => {
  beforeAll(async () => {
    bench = await openBench({ limits: limits(heicDecoder) });
  });
  afterAll(() => bench?.close());

  describe('a HEIC', () => {
    it.each<[string, () => Promise<Buffer>, Pixels]>([
      ['of 8 bits', () => encoded(), SCENE],
      ['with full chroma planes', () => encoded('-p', 'chroma=444'), SCENE],
      ['of an odd size', async () => encodeHeic([await png(scene(131, 77))]), scene(131, 77)],
      [
        'of 10 bits',
        async () => encodeHeic([await open(SCENE).toColourspace('rgb16').png().toBuffer()], '-b', '10'),
        SCENE,
      ],
      ['in video range', () => encoded('--full_range_flag', '0'), SCENE],
      [
        'in video range with BT.709',
        () => encoded('--full_range_flag', '0', '--matrix_coefficients', '1'),
        SCENE,
      ],
      ['in grey', async () => encodeHeic([await grey()]), GREY],
      ['in grey, in video range', async () => encodeHeic([await grey()], '--full_range_flag', '0'), GREY],
      ['of tiles', () => encoded('--cut-tiles', '64'), SCENE],
      ['with a preview', () => encoded('-t', '64'), SCENE],
      ['turned by 90°', () => encoded('--rotate-cw', '90'), storedAs(8, SCENE)],
      ['turned by 180°', () => encoded('--rotate-cw', '180'), storedAs(3, SCENE)],
      ['turned by 270°', () => encoded('--rotate-cw', '270'), storedAs(6, SCENE)],
      ['mirrored', () => encoded('--flip-h'), storedAs(2, SCENE)],
      ['mirrored, in tiles', () => encoded('--flip-v', '--cut-tiles', '64'), storedAs(4, SCENE)],
      [
        'of several images, as its primary one',
        async () => encodeHeic([await png(), await png(scene(64, 48))]),
        SCENE,
      ],
    ])('%s is published as it is seen', async (_, source, wanted) => {
      await expectLike(await shown(await source()), wanted);
    });

    it('becomes JPEG if a variant keeps its format', async () => {
      const { source, variants, receipt } = await bench.rendered(await encoded());
      expect(source).toEqual({ format: 'heic', width: 320, height: 240, frames: 1 });
      expect(variants['main']).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
      expect(receipt).toMatchObject({ detectedType: 'image/heic', removed: [], gainMap: null });
    });

    it('is turned once although its EXIF has an orientation, too, and loses EXIF with its GPS position', async () => {
      const gps = [0x8825, 4, 1, 38] as const;
      const jpeg = withSegment(
        await open(storedAs(6, SCENE)).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
        0xe1,
        exifSegment(
          makeExif([[0x112, 3, 1, 6], gps], Buffer.from([1, 0, 0, 0, 1, 0, 4, 0, 0, 0, 2, 3, 0, 0, 0, 0])),
        ),
      );
      const source = await encodeHeic([jpeg]);
      expect(source.includes('Exif')).toBe(true);
      const { receipt, files } = await bench.rendered(source, { profile: asPng });
      expect(receipt).toMatchObject({ removed: ['exif'], gpsRemoved: true });
      await expectLike(await pixelsOf(files['main'] ?? Buffer.of()), SCENE);
      expect((await sharp(files['main']).metadata()).exif).toBeUndefined();
    });

    it.each([
      ['alone', []],
      ['of 10 bits', ['-b', '10']],
      ['premultiplied', ['--premultiplied-alpha']],
    ])('keeps alpha, %s', async (name, options) => {
      const isDeep = options.includes('-b');
      const half = sharp({ create: { width: 64, height: 64, channels: 4, background: '#c8643280' } });
      const input = name === 'premultiplied' ? '#64321980' : '#c8643280';
      const flat = sharp({ create: { width: 64, height: 64, channels: 4, background: input } });
      const source = await encodeHeic(
        [await (isDeep ? flat.toColourspace('rgb16') : flat).png().toBuffer()],
        ...options,
      );
      const found = pixel(await shown(source), 32, 32);
      const wanted = pixel(await pixelsOf(await half.png().toBuffer()), 32, 32);
      for (const [i, value] of wanted.entries()) expect(Math.abs((found[i] ?? -99) - value)).toBeLessThan(5);
    });

    const COLOUR = [200, 100, 50] as const;
    const hex = `#${Buffer.from(COLOUR).toString('hex')}`;
    it.each<[string, () => Promise<Buffer>, readonly number[], string]>([
      [
        'its ICC profile',
        async () =>
          encodeHeic([
            pngWithIcc(await plain(64, 64, hex).png().toBuffer(), makeProfile('P3 test', DISPLAY_P3)),
          ]),
        toSrgb(COLOUR, DISPLAY_P3),
        'P3 test → sRGB',
      ],
      [
        'its code points',
        async () =>
          encodeHeic(
            [await plain(64, 64, hex).png().toBuffer()],
            '--colour_primaries',
            '12',
            '--transfer_characteristic',
            '13',
          ),
        [215, 93, 31],
        'Display P3 (nclx) → sRGB',
      ],
    ])('is converted to sRGB by %s', async (_, source, wanted, colorProfile) => {
      const { receipt, files } = await bench.rendered(await source(), { profile: asPng });
      expect(receipt.colorProfile).toBe(colorProfile);
      const found = pixel(await pixelsOf(files['main'] ?? Buffer.of()), 32, 32);
      for (const [i, value] of wanted.entries())
        expect(Math.abs((found[i] ?? -99) - value), `${found.join()} is not ${wanted.join()}`).toBeLessThan(
          6,
        );
    });
  });

  it('is published whole if its tiles are not hidden', async () => {
    const tile = scene(64, 64);
    const found = await shown(grid(2, 2, 128, 128, Array<Coded>(4).fill(await coded(tile))));
    expect([found.width, found.height]).toEqual([128, 128]);
    const corner = sharp(found.data, { raw: found }).extract({
      left: 64,
      top: 64,
      width: 64,
      height: 64,
    });
    await expectLike(await pixelsOf(await corner.png().toBuffer()), tile);
  });

  it('is cropped as its container says', async () => {
    // libheif 1.23 refuses to crop more than 64 pixels.
    const width = heicDecoder === HEIC_WASM ? 260 : 160;
    const source = assemble([
      item(await coded(), 320, 240, clap(width, 1, 240, 1, (width - 320) / 2, 1, 0, 1)),
    ]);
    const left = await pixelsOf(
      await open(SCENE).extract({ left: 0, top: 0, width, height: 240 }).png().toBuffer(),
    );
    await expectLike(await shown(source), left);
  });

  it('is published without a damaged profile', async () => {
    const damaged = makeProfile('P3 test', DISPLAY_P3);
    damaged.fill(0, 68, 80);
    for (const icc of [damaged, damaged.subarray(0, 200), Buffer.from('no profile')]) {
      const picture = item(await coded(), 320, 240);
      const colr = box('colr', Buffer.from('prof'), icc);
      const source = assemble([{ ...picture, properties: [...picture.properties, colr] }]);
      await expectLike(await shown(source), SCENE);
    }
  });

  it('lists removed parts: depth, gain map and motion', async () => {
    const [picture, small] = [await coded(), await coded(scene(64, 48))];
    const source = assemble(
      [
        item(picture, 320, 240),
        item(small, 64, 48, auxC('urn:mpeg:hevc:2015:auxid:2')),
        item(small, 64, 48, auxC('urn:com:apple:photo:2020:aux:hdrgainmap')),
      ],
      {
        references: [
          ['auxl', 2, 1],
          ['auxl', 3, 1],
        ],
      },
    );
    const { receipt } = await bench.rendered(Buffer.concat([source, box('mpvd', Buffer.alloc(100))]));
    expect(receipt).toMatchObject({ removed: ['depth', 'motion'], gainMap: 'removed' });
  });

  it.runIf(canMountDisks())('waits if the disk has no space for its pixels', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pixdock-scratch-'));
    const disk = mountSmallDisk(folder);
    const small = await openBench({ limits: limits(heicDecoder), scratchDir: folder });
    try {
      const source = await encoded();
      disk.fill(150_000);
      await expect(small.render(source)).rejects.toMatchObject({ code: 'ENOSPC' });
      disk.empty();
      expect(await small.refusal(source)).toBe('rendered');
    } finally {
      await small.close();
      disk.unmount();
      await rmdir(folder);
    }
  });

  describe('a HEIC sequence', () => {
    const sequence = async () => encodeHeic(Array(3).fill(await png(scene(64, 48))), '-S');

    it('without a still image is refused', async () => {
      const source = await sequence();
      source.write('free', source.indexOf('meta'), 'latin1');
      expect(await bench.refusal(source)).toBe('unsupported_media_type');
    });

    it('with a still image is published as that, unless the profile refuses animations', async () => {
      const { source, receipt } = await bench.rendered(await sequence());
      expect([source.frames, receipt.removed]).toEqual([3, ['animation']]);
      const strict = profile({ variants: { main: { animated: 'reject' } } });
      expect(await bench.refusal(await sequence(), { profile: strict })).toBe('too_many_frames');
    });
  });

  describe('a hostile HEIC', () => {
    it.each<[string, string, () => Promise<Buffer>]>([
      [
        'that claims 60,000 × 60,000',
        'image_too_large',
        async () => assemble([item(await coded(), 60_000, 60_000)]),
      ],
      [
        'of 16 MP that claims 64 × 48',
        'image_too_complex',
        async () => assemble([item(await coded(scene(4000, 4000)), 64, 48)]),
      ],
      [
        'of 255 × 255 tiles',
        'image_too_complex',
        async () => grid(255, 255, 16_320, 16_320, [await coded(scene(64, 64))]),
      ],
      [
        'whose tiles cover 256 times its size',
        'image_too_complex',
        async () => grid(16, 16, 1024, 1024, [await coded(scene(1024, 1024))], 1024),
      ],
      [
        'whose grid contains itself',
        'unsupported_media_type',
        async () =>
          assemble(
            [{ type: 'grid', data: Buffer.of(0, 0, 0, 0, 0, 64, 0, 64), properties: [ispe(64, 64)] }],
            {
              references: [['dimg', 1, 1]],
            },
          ),
      ],
      [
        'with AV1 inside',
        'unsupported_media_type',
        async () => {
          const { data, config } = codedOf(await open(SCENE).avif({ effort: 0 }).toBuffer());
          return assemble([{ type: 'av01', data, properties: [config, ispe(320, 240)] }]);
        },
      ],
      [
        'without pixels',
        'image_corrupt',
        async () => assemble([{ ...item(await coded(), 320, 240), data: Buffer.of() }]),
      ],
      ['cut off', 'image_truncated', async () => (await encoded()).subarray(0, 2000)],
    ])('%s is refused', async (_, code, source) => {
      expect(await bench.refusal(await source())).toBe(code);
    });

    it('never ends a decoder, wherever its bytes are changed', async () => {
      const sources = [
        await encodeHeic([await png(scene(64, 48))]),
        await encodeHeic([await png(scene(96, 64))], '--cut-tiles', '32', '-t', '32'),
        await encodeHeic([await open(scene(64, 48)).ensureAlpha(0.5).png().toBuffer()]),
      ];
      const random = generator(7);
      const below = (max: number) => Math.floor(random() * max);
      const children = childrenOf();
      const codes = new Set<string>();
      // A start of Node takes ten times as long as one of heif-dec.
      const count = heicDecoder === HEIC_WASM ? 40 : 200;
      for (let i = 0; i < count * FUZZ_TIMES; i++) {
        const mutated = Buffer.from(sources[i % sources.length] ?? Buffer.of());
        // Most of the structure is in the first kilobyte, behind the type.
        const range = i % 2 === 0 ? mutated.length : Math.min(mutated.length, 1000);
        for (let change = 0; change <= i % 4; change++) mutated[20 + below(range - 20)] = below(256);
        codes.add(await bench.refusal(i % 5 === 4 ? mutated.subarray(0, below(mutated.length)) : mutated));
      }
      const allowed = [
        'rendered',
        'image_corrupt',
        'image_truncated',
        'image_too_large',
        'image_too_complex',
      ];
      expect(
        [...codes].filter(
          (code) => ![...allowed, 'unsupported_media_type', 'too_many_frames'].includes(code),
        ),
      ).toEqual([]);
      expect(childrenOf()).toEqual(children);
    });
  });
});
