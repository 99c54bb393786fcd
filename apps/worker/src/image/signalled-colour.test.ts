import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench, profile } from './testing/bench.js';
import { ADOBE, gammaCurve, makeGreyProfile, makeProfile } from './testing/colour-profile.js';
import { auxC, codedOf, ispe, limitedNclx, makeAvif, nclx } from './testing/heif.js';
import { pixel, pixelsOf, plain } from './testing/pictures.js';
import { makePng, pngWithIcc, withChunk } from './testing/png.js';

const COLOUR = '#94006a';
const STORED = [148, 0, 106];
const png = profile({ variants: { main: { format: 'png' } } });
const preserve = profile({ ...png, colorSpace: 'preserve' });

/** x and y of white, red, green and blue, in the order of PNG. */
const SRGB_CHRM = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
const ADOBE_CHRM = [0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06];
const u32 = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
};
type Chunk = [type: string, data: Buffer];
const chrm = (values: readonly number[]): Chunk => [
  'cHRM',
  u32(...values.map((value) => Math.round(value * 100_000))),
];
const gama = (value: number): Chunk => ['gAMA', u32(value)];
const cicp = (...codes: readonly number[]): Chunk => ['cICP', Buffer.from(codes)];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const of = (kind: '8' | '16' | 'palette') => {
  const image = plain(32, 32, COLOUR);
  if (kind === '16') image.toColourspace('rgb16');
  return image.png({ palette: kind === 'palette' }).toBuffer();
};
const withChunks = (file: Buffer, chunks: readonly Chunk[]) =>
  chunks.reduceRight((all, [type, data]) => withChunk(all, type, data), file);

async function shown(file: Buffer, wanted = png) {
  const { files, receipt } = await bench.rendered(file, { profile: wanted });
  const main = files.main ?? Buffer.of();
  return { main, colour: pixel(await pixelsOf(main), 8, 8), reported: receipt.colorProfile };
}

const repeated = (row: Buffer, times: number) => Buffer.concat(Array<Buffer>(times).fill(row));

const near = (found: readonly number[], wanted: readonly number[], by = 2) => {
  for (const [i, value] of wanted.entries())
    expect(
      Math.abs((found[i] ?? -99) - value),
      `${found.join()} is not ${wanted.join()}`,
    ).toBeLessThanOrEqual(by);
};

// avifenc -q 100 --range limited: 16 × 16 pixels of #0a0a0a with --yuv 400, and of #94006a with --yuv 444 --cicp 12/13/1.
const LIMITED_GREY = Buffer.from(
  'AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA' +
    'AAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAAQ0AAAAWAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIAAAAA' +
    'AQAAYXYwMUNvbG9yAAAAAGhpcHJwAAAASWlwY28AAAAUaXNwZQAAAAAAAAAQAAAAEAAAAA5waXhpAAAAAAEIAAAADGF2MUOB' +
    'ABwAAAAAE2NvbHJuY2x4AAEADQAGAAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAHm1kYXQSAAoIGAz/+WAhoMQyCBAAAB4Y' +
    'sxlm',
  'base64',
);
const LIMITED_P3 = Buffer.from(
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA' +
    'AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAIgAAAChpaW5mAAAAAAABAAAAGmluZmUC' +
    'AAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAEAAAABAAAAAQcGl4aQAAAAADCAgIAAAA' +
    'DGF2MUOBIAAAAAAAE2NvbHJuY2x4AAwADQABAAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAKm1kYXQSAAoIOAz/+UMDQEQy' +
    'FBAAAAAUubfWc1NETROcVurl+3HA',
  'base64',
);

// The expected colours are those of Chromium.
describe('PNG', () => {
  it.each<[string, Chunk[], number[]]>([
    ['Display P3 (cICP)', [cicp(12, 13, 0, 1)], [161, 0, 108]],
    ['BT.2020 (cICP)', [cicp(9, 1, 0, 1)], [184, 0, 111]],
    ['BT.709 linear (cICP)', [cicp(1, 8, 0, 1)], [200, 0, 173]],
    ['cHRM gamma 2.20', [gama(45_455), chrm(ADOBE_CHRM)], [174, 0, 108]],
    ['gAMA gamma 1.00', [gama(100_000), chrm(SRGB_CHRM)], [200, 0, 173]],
    ['gAMA gamma 1.00', [gama(100_000)], [200, 0, 173]],
  ])('is converted by %s', async (name, chunks, wanted) => {
    for (const kind of ['8', '16', 'palette'] as const) {
      const { main, colour, reported } = await shown(withChunks(await of(kind), chunks));
      near(colour, wanted);
      expect(reported).toBe(`${name} → sRGB`);
      expect((await sharp(main).metadata()).icc).toBeUndefined();
    }
  });

  it('prefers cICP to a profile, a profile to sRGB, and sRGB to gAMA', async () => {
    const file = await of('8');
    const linear = gama(100_000);
    const srgb: Chunk = ['sRGB', Buffer.of(0)];
    const tagged = pngWithIcc(withChunks(file, [srgb, linear]), makeProfile('Adobe RGB like', ADOBE));
    expect((await shown(withChunks(tagged, [cicp(12, 13, 0, 1)]))).reported).toBe('Display P3 (cICP) → sRGB');
    expect((await shown(tagged)).reported).toBe('Adobe RGB like → sRGB');
    expect((await shown(withChunks(file, [srgb, linear]))).colour).toEqual(STORED);
    expect((await shown(withChunks(file, [cicp(1, 13, 0, 1), linear]))).colour).toEqual(STORED);
  });

  it('is left unchanged if it signals sRGB or nothing valid', async () => {
    const unsignalled = await shown(await of('8'));
    const cases: Chunk[][] = [
      [gama(45_455), chrm(SRGB_CHRM)],
      [gama(45_000), chrm(SRGB_CHRM)],
      [cicp(1, 13, 0, 1)],
      [cicp(2, 2, 0, 1)],
      [cicp(77, 200, 0, 1)],
      [cicp(12, 13)],
      [gama(0)],
      [gama(1)],
      [chrm([0, 0, 0, 0, 0, 0, 0, 0])],
      [chrm([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3])],
      [['cHRM', Buffer.alloc(32, 0x7f)]],
      [['cHRM', Buffer.alloc(3)]],
      [['gAMA', Buffer.alloc(1)]],
    ];
    for (const chunks of cases) expect(await shown(withChunks(await of('8'), chunks))).toEqual(unsignalled);
    expect(unsignalled.reported).toBe('sRGB (assumed)');
  });

  it('keeps orientation, transparency and size', async () => {
    const file = await sharp({ create: { width: 40, height: 20, channels: 4, background: '#94006a80' } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const { files } = await bench.rendered(withChunks(file, [cicp(12, 13, 0, 1)]), {
      profile: profile({ variants: { main: { format: 'png' }, half: { format: 'png', width: 10 } } }),
    });
    expect(await sharp(files.main).metadata()).toMatchObject({ width: 20, height: 40 });
    expect(await sharp(files.half).metadata()).toMatchObject({ width: 10, height: 20 });
    near(pixel(await pixelsOf(files.half ?? file), 5, 5), [161, 0, 108, 128]);
  });

  it('converts grey to the gamma of sRGB', async () => {
    const grey = await plain(32, 32, '#646464').toColourspace('b-w').png().toBuffer();
    near((await shown(withChunks(grey, [gama(100_000)]))).colour, [168, 168, 168]);
  });

  it.each([
    [1, [101, 139, 228]],
    [1.8, [44, 84, 208]],
    [2.8, [11, 42, 185]],
  ])('applies a grey profile of gamma %f to 8 and 16 bits', async (power, wanted) => {
    const icc = makeGreyProfile('Grey', gammaCurve(power));
    for (const depth of [8, 16] as const) {
      const found = await Promise.all(
        [33, 66, 197].map(async (value) => {
          const sample = depth === 8 ? [value] : [value, value];
          const row = Buffer.from([0, ...Array<number[]>(32).fill(sample).flat()]);
          const file = makePng({ width: 32, height: 32, depth, colour: 0 }, deflateSync(repeated(row, 32)));
          return shown(pngWithIcc(file, icc));
        }),
      );
      near(
        found.map(({ colour }) => colour[0] ?? 0),
        wanted,
        1,
      );
      expect(new Set(found.map(({ reported }) => reported))).toEqual(new Set(['grey (Grey) → sRGB']));
    }
  });

  it('keeps a wide gamut with colorSpace: preserve', async () => {
    const { main, colour, reported } = await shown(withChunks(await of('8'), [cicp(12, 13, 0, 1)]), preserve);
    near(colour, STORED);
    expect((await sharp(main).metadata()).icc).toBeDefined();
    expect(reported).toBe('Display P3 (cICP) → Display P3');
  });

  it('is reported as not converted if it is HDR', async () => {
    const { colour, reported } = await shown(withChunks(await of('16'), [cicp(9, 16, 0, 1)]));
    expect(colour).toEqual(STORED);
    expect(reported).toBe('BT.2100 PQ (not converted)');
  });
});

describe('AVIF', () => {
  const avif = async (bitdepth: 8 | 10 | 12 = 8) => {
    const image = plain(32, 32, COLOUR);
    return codedOf(await image.avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth }).toBuffer());
  };
  const item = (coded: Awaited<ReturnType<typeof avif>>, ...properties: readonly Buffer[]) => ({
    type: 'av01',
    data: coded.data,
    properties: [coded.config, ispe(32, 32), ...properties],
  });

  it.each<[string, [number, number, number], number[]]>([
    ['Display P3 (nclx)', [12, 13, 6], [161, 0, 108]],
    ['BT.2020 (nclx)', [9, 1, 6], [184, 0, 111]],
    ['BT.709 linear (nclx)', [1, 8, 6], [200, 0, 173]],
  ])('is converted by %s', async (name, codes, wanted) => {
    for (const depth of [8, 10] as const) {
      const file = makeAvif([item(await avif(depth), nclx(...codes))]);
      const { main, colour, reported } = await shown(file);
      near(colour, wanted, 3);
      expect(reported).toBe(`${name} → sRGB`);
      expect((await sharp(main).metadata()).icc).toBeUndefined();
      const kept = await shown(file, preserve);
      expect(kept.reported).toBe(`${name} → Display P3`);
      if (codes[0] === 12) near(kept.colour, STORED, 3);
    }
  });

  it('is left unchanged by sRGB and by properties of another item or no item', async () => {
    const coded = await avif();
    const unsignalled = await shown(makeAvif([item(coded)]));
    const cases = [
      makeAvif([item(coded, nclx(1, 13, 6))]),
      makeAvif([item(coded, nclx(1, 1, 6))]),
      makeAvif([item(coded, nclx(2, 2, 2))]),
      makeAvif([item(coded, nclx(500, 60_000, 6))]),
      makeAvif([item(coded), item(coded, nclx(12, 13, 6))]),
    ];
    for (const file of cases) expect(await shown(file)).toEqual(unsignalled);
    expect(unsignalled.reported).toBe('sRGB (assumed)');
  });

  it.each([8, 10, 12] as const)('expands monochrome of the range of video: %i bits', async (bitdepth) => {
    const shades = await Promise.all(
      [16, 126, 235].map(async (shade) => {
        const image = plain(32, 32, `#${Buffer.of(shade, shade, shade).toString('hex')}`).toColourspace(
          'b-w',
        );
        const coded = codedOf(await image.avif({ quality: 100, bitdepth }).toBuffer());
        return (await shown(makeAvif([item(coded, limitedNclx(1, 13, 6))]))).colour;
      }),
    );
    for (const [i, shade] of [0, 128, 255].entries()) near(shades[i] ?? [], [shade, shade, shade], 2);
  });

  it('reads the range and the colour of the AV1 data if the container states none', async () => {
    const without = (file: Buffer) => {
      const copy = Buffer.from(file);
      copy.write('free', copy.indexOf('colr'), 'latin1');
      return copy;
    };
    near((await shown(LIMITED_GREY)).colour, [10, 10, 10]);
    near((await shown(without(LIMITED_GREY))).colour, [10, 10, 10]);
    for (const file of [LIMITED_P3, without(LIMITED_P3)]) near((await shown(file)).colour, [163, 0, 107], 4);
    expect((await shown(without(LIMITED_P3))).reported).toBe('Display P3 (AV1) → sRGB');
  });

  it('reads an unspecified matrix as BT.601, whatever the AV1 data states', async () => {
    const copy = Buffer.from(LIMITED_P3);
    const codes = copy.indexOf('nclx') + 4;
    Buffer.from('00020002000280', 'hex').copy(copy, codes);
    near((await shown(copy)).colour, [136, 0, 106]);
  });

  it('is rendered or refused with corrupted boxes', async () => {
    const allowed = ['rendered', 'image_corrupt', 'image_truncated', 'image_too_large', 'heic_unsupported'];
    const coded = await avif();
    const file = makeAvif([item(coded, nclx(12, 13, 6))]);
    for (let i = file.indexOf('meta') - 4; i < file.length - coded.data.length; i++) {
      const broken = Buffer.from(file);
      broken[i] = 0xff;
      expect(allowed).toContain(await bench.refusal(broken));
    }
  });

  it('is reported as not converted if it is HDR', async () => {
    const reported = async (transfer: number) =>
      (await shown(makeAvif([item(await avif(10), nclx(9, transfer, 6))]))).reported;
    expect([await reported(16), await reported(18)]).toEqual([
      'BT.2100 PQ (not converted)',
      'BT.2100 HLG (not converted)',
    ]);
  });
});

it('expands the alpha of an AVIF from the range of video', async () => {
  const colour = codedOf(
    await plain(16, 16, COLOUR).avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth: 8 }).toBuffer(),
  );
  const alpha = codedOf(LIMITED_GREY);
  const file = makeAvif(
    [
      { type: 'av01', data: colour.data, properties: [colour.config, ispe(16, 16)] },
      { type: 'av01', data: alpha.data, properties: [alpha.config, ispe(16, 16), auxC()] },
    ],
    { references: [['auxl', 2, 1]] },
  );
  near((await shown(file)).colour, [...STORED, 10]);
});

describe('an AVIF with premultiplied alpha', () => {
  it.each<[string, Buffer[], number[]]>([
    ['in sRGB', [], STORED],
    ['in Display P3', [nclx(12, 13, 6)], [161, 0, 108]],
  ])('is unpremultiplied %s', async (_, properties, wanted) => {
    const part = async (colour: string, space: 'srgb' | 'b-w') =>
      codedOf(
        await plain(32, 32, colour)
          .toColourspace(space)
          .avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth: 8 })
          .toBuffer(),
      );
    const half = await part('#4a0035', 'srgb');
    const alpha = await part('#808080', 'b-w');
    const file = makeAvif(
      [
        { type: 'av01', data: half.data, properties: [half.config, ispe(32, 32), ...properties] },
        { type: 'av01', data: alpha.data, properties: [alpha.config, ispe(32, 32), auxC()] },
      ],
      {
        references: [
          ['prem', 1, 2],
          ['auxl', 2, 1],
        ],
      },
    );
    near((await shown(file)).colour, [...wanted, 128], 4);
  });
});
