import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { estimateJpegQuality } from './container/jpeg-tables.js';
import { type Bench, DEFAULT, openBench, profile } from './testing/bench.js';
import { withBytes } from './testing/file-bytes.js';
import { animation, generator, noise, open, type Pixels, plain, scene } from './testing/pictures.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Coloured bars and lines on white, as in a diagram. */
function diagram(width = 120, height = 80, shift = 0): Pixels {
  const data = Buffer.alloc(width * height * 3, 255);
  const random = generator(3);
  for (let bar = 0; bar < 12; bar++) {
    const [left, top, colour] = [Math.floor(random() * width), Math.floor(random() * height), bar % 3];
    for (let y = top; y < Math.min(height, top + 9); y++)
      for (let x = left + shift; x < Math.min(width, left + shift + 1 + bar * 2); x++)
        data.set(
          [colour === 0 ? 230 : 10, colour === 1 ? 200 : 20, colour === 2 ? 240 : 30],
          (y * width + x) * 3,
        );
  }
  return { data, width, height, channels: 3 };
}

/** Smooth shapes with a little noise, as in a photograph. */
function photo(width = 160, height = 120, grain = 12): Pixels {
  const random = generator(11);
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        data[(y * width + x) * 3 + c] =
          120 + 60 * Math.sin(x / (17 + c)) + 50 * Math.cos((y + x / 3) / 13) + Math.floor(random() * grain);
  return { data, width, height, channels: 3 };
}

const rgba = async (file: Buffer | undefined) =>
  sharp(file, { pages: -1 }).toColourspace('srgb').ensureAlpha().raw().toBuffer();
const isPng = (file: Buffer) => file.toString('latin1', 1, 4) === 'PNG';
const enough = (source: Buffer) =>
  isPng(source) ? source.length * 1.05 : Math.max(source.length * 1.02, source.length + 1024);

async function main(source: Buffer, wanted = DEFAULT) {
  const { files, variants, receipt } = await bench.rendered(source, { profile: wanted });
  const file = files.main ?? Buffer.of();
  return {
    file,
    receipt,
    format: variants.main?.format,
    isExact: (await rgba(file)).equals(await rgba(source)),
  };
}

it('keeps every pixel of a lossless source, and its size', async () => {
  const moving = await animation([diagram(), diagram(120, 80, 3), diagram(120, 80, 6)]);
  const clear = open(diagram()).ensureAlpha(0.4);
  const sources = [
    await open(diagram()).gif().toBuffer(),
    await moving.gif({ delay: [50, 60, 70] }).toBuffer(),
    await open(photo()).gif().toBuffer(),
    await open(diagram()).webp({ lossless: true }).toBuffer(),
    await open(photo()).webp({ lossless: true }).toBuffer(),
    await clear.clone().webp({ lossless: true }).toBuffer(),
    await clear.png().toBuffer(),
    await open(diagram()).png({ palette: true }).toBuffer(),
    await open(photo()).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer(),
    await open(photo()).toColourspace('b-w').png({ adaptiveFiltering: true }).toBuffer(),
    await plain(1, 1, '#ff0000').png().toBuffer(),
  ];
  for (const [i, source] of sources.entries()) {
    const { file, isExact, receipt } = await main(source);
    expect([i, isExact]).toEqual([i, true]);
    expect(file.length, `source ${i}`).toBeLessThanOrEqual(enough(source));
    expect(receipt.grew === null, `source ${i}`).toBe(file.length <= source.length);
  }
});

it('encodes a lossless source lossily if the profile sets a quality', async () => {
  const wanted = profile({ variants: { main: { quality: 80 } } });
  const source = await open(photo()).webp({ lossless: true }).toBuffer();
  const { file, receipt, isExact } = await main(source, wanted);
  expect([receipt.encoder, isExact]).toEqual(['webp q80 effort 2', false]);
  expect(file.length).toBeLessThan(source.length / 2);
  expect((await main(await open(diagram()).gif().toBuffer(), wanted)).isExact).toBe(true);
});

it('converts a PNG to WebP without loss if it is a graphic, and lossily if it is a photograph', async () => {
  const wanted = profile({ variants: { main: { format: 'webp' } } });
  const drawn = await main(await open(diagram()).png().toBuffer(), wanted);
  expect([drawn.receipt.encoder, drawn.isExact]).toEqual(['webp lossless effort 1', true]);
  const taken = await main(await open(photo()).png().toBuffer(), wanted);
  expect(taken.receipt.encoder).toBe('webp q80 effort 2');
});

it('keeps the rows of a PNG unless its pixels change, then filters a photograph and keeps grey and few colours', async () => {
  const encoderOf = async (image: Sharp, variant: object = {}) => {
    const source = await image.png().toBuffer();
    return (await main(source, profile({ variants: { main: variant } }))).receipt.encoder;
  };
  const scaled = { width: 100 };
  expect(await encoderOf(open(photo()))).toBe('png level 6 with the rows of the source');
  expect(await encoderOf(open(photo()), scaled)).toBe('png level 5 filtered');
  expect(await encoderOf(open(photo()).toColourspace('b-w'), scaled)).toBe('png grey level 5 filtered');
  const turned = open(diagram()).withMetadata({ orientation: 3 });
  expect(await encoderOf(turned)).toBe('png palette level 6');
});

it.each([40, 60, 75, 85, 95])('does not exceed a JPEG of quality %i', async (quality) => {
  for (const options of [
    { optimiseCoding: false },
    { optimiseCoding: true },
    { progressive: true },
    { chromaSubsampling: '4:4:4' },
  ]) {
    const source = await open(photo(320, 240))
      .jpeg({ quality, ...options })
      .toBuffer();
    const { file, receipt } = await main(source);
    expect(Number(/q(\d+)/.exec(receipt.encoder)?.[1])).toBeLessThanOrEqual(quality);
    expect(file.length).toBeLessThanOrEqual(enough(source));
  }
});

it('takes the quality of the low frequencies only where a JPEG would grow otherwise', async () => {
  // Table 1 is 16 everywhere, which is coarse for low frequencies and fine for others.
  const coarse = async (grain: number) => {
    const source = await open(photo(1200, 900, grain))
      .jpeg({ quality: 60, quantisationTable: 1 })
      .toBuffer();
    const { all, low } = withBytes(source, (bytes) => estimateJpegQuality(bytes)) ?? {};
    return [all, low, (await main(source)).receipt.encoder];
  };
  expect(await coarse(0)).toEqual([91, 80, 'mozjpeg q80']);
  expect(await coarse(60)).toEqual([91, 80, 'mozjpeg q89']);
});

it('encodes a good JPEG with the tables of libjpeg in a small profile, and a damaged one with those of mozjpeg', async () => {
  const small = profile({ variants: { main: { effort: 6 } } });
  const hasStandardTables = async (quality: number) => {
    const { file, receipt } = await main(await open(photo(160, 120)).jpeg({ quality }).toBuffer(), small);
    const estimated = withBytes(file, (bytes) => estimateJpegQuality(bytes)?.all);
    return receipt.encoder === `mozjpeg q${estimated}`;
  };
  expect([await hasStandardTables(90), await hasStandardTables(60)]).toEqual([true, false]);
});

it('keeps a JPEG progressive, grey and in full chroma', async () => {
  const described = async (image: Sharp, options: JpegOptions) =>
    sharp((await main(await image.jpeg({ quality: 70, ...options }).toBuffer())).file).metadata();
  expect(await described(open(photo()), { progressive: true })).toMatchObject({
    isProgressive: true,
    chromaSubsampling: '4:2:0',
  });
  expect(await described(open(photo()).toColourspace('b-w'), {})).toMatchObject({ channels: 1 });
  expect(await described(open(photo()), { chromaSubsampling: '4:4:4' })).toMatchObject({
    chromaSubsampling: '4:4:4',
  });
});

it.each([50, 70, 80, 95])('does not exceed a lossy WebP of quality %i', async (quality) => {
  const source = await open(photo(320, 240)).webp({ quality, effort: 6 }).toBuffer();
  expect((await main(source)).file.length).toBeLessThanOrEqual(enough(source));
});

it('says why a main is larger than its source', async () => {
  const reasonOf = async (source: Buffer, variant: object = {}) => {
    const { file, receipt } = await main(source, profile({ variants: { main: variant } }));
    expect(file.length > source.length).toBe(receipt.grew !== null);
    return receipt.grew;
  };
  const drawing = open(diagram());
  expect(await reasonOf(await drawing.clone().png().toBuffer())).toBeNull();
  const avif = await open(scene(64, 64)).avif({ quality: 20, effort: 0 }).toBuffer();
  expect(await reasonOf(avif, { quality: 100 })).toBe('other_format');
  const strips = await open(noise(64, 64)).gif({ colours: 4 }).toBuffer();
  expect(await reasonOf(strips, { width: 63, format: 'png' })).toBe('pixels_changed');
  expect(await reasonOf(await plain(1, 1, '#ff0000').gif().toBuffer(), { format: 'png' })).toBe(
    'lossless_source',
  );
  const tight = await open(scene(64, 48)).jpeg({ quality: 30, mozjpeg: true }).toBuffer();
  expect([null, 'source_optimized']).toContain(await reasonOf(tight));
});
