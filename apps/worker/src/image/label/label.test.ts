import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Bench, openBench, profile } from '../testing/bench.js';
import { LABELS, labelledSources, PRIVATE, packetOf, unlabelledSources } from '../testing/labelled.js';
import { containsPayload } from '../testing/payload.js';
import { open, scene } from '../testing/pictures.js';
import type { PropertyName } from './names.js';
import { readXmp } from './read-xmp.js';

const every = profile({
  variants: {
    main: { format: 'jpeg' },
    png: { format: 'png' },
    webp: { format: 'webp' },
    avif: { format: 'avif', effort: 0 },
    thumb: { format: 'webp', width: 8 },
  },
});

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** The properties of an output's only metadata, its XMP. */
async function propertiesOf(file: Buffer): Promise<[PropertyName, readonly string[]][]> {
  const { xmp, exif, iptc, comments, icc } = await sharp(file).metadata();
  expect([exif, iptc, comments, icc]).toEqual(Array(4).fill(undefined));
  expect(containsPayload(file, PRIVATE)).toBe(false);
  return xmp === undefined ? [] : [...readXmp(xmp).values];
}

const labelledJpeg = (aigc: string) =>
  open(scene(16, 12))
    .withXmp(packetOf({ elements: element(aigc) }).toString())
    .jpeg()
    .toBuffer();
const element = (aigc: string) =>
  `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${aigc.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</T:AIGC>`;

describe('every output', () => {
  it.each(labelledSources(['with everything'], ['text']))(
    'has the label and nothing else: $name',
    async (source) => {
      const { files, receipt } = await bench.rendered(await source.make(), { profile: every });
      const expected =
        source.aigc === null
          ? ['Iptc4xmpExt:DigitalSourceType', [source.digitalSourceType]]
          : ['TC260:AIGC', [source.aigc]];
      for (const file of Object.values(files)) expect(await propertiesOf(file)).toEqual([expected]);
      expect(receipt.aiLabel).toMatchObject({ written: true, omitted: null });
    },
  );

  it.each(unlabelledSources())('has no label if the source has none: $name', async ({ make }) => {
    const { files, receipt } = await bench.rendered(await make(), { profile: every });
    for (const file of Object.values(files)) expect(await propertiesOf(file)).toEqual([]);
    expect(receipt).toMatchObject({ aiLabel: null, c2pa: false, copyright: null });
  });

  it.each(Object.values(LABELS))('has the JSON of the label unchanged: %s', async (aigc) => {
    const { files } = await bench.rendered(await labelledJpeg(aigc));
    expect(await propertiesOf(files.main ?? Buffer.alloc(0))).toEqual([['TC260:AIGC', [aigc]]]);
  });

  it('has the label of a grey image', async () => {
    const grey = await open(scene(16, 12))
      .toColourspace('b-w')
      .withXmp(packetOf({ elements: element(LABELS.full ?? '') }).toString())
      .jpeg()
      .toBuffer();
    const { files } = await bench.rendered(grey, { profile: every });
    expect((await sharp(files.main).metadata()).space).toBe('b-w');
    for (const file of Object.values(files))
      expect(await propertiesOf(file)).toEqual([['TC260:AIGC', [LABELS.full]]]);
  });

  it('has the label of an animation and of a wide-gamut image', async () => {
    const xmp = packetOf({ elements: element(LABELS.full ?? '') }).toString();
    const stills = await Promise.all(
      [1, 2].map((side) =>
        open(scene(16 * side, 12 * side))
          .resize(16, 12)
          .png()
          .toBuffer(),
      ),
    );
    const animated = await sharp(stills, { join: { animated: true } })
      .withXmp(xmp)
      .webp()
      .toBuffer();
    const wide = await open(scene(16, 12)).withIccProfile('p3').withXmp(xmp).png().toBuffer();
    const animation = await bench.rendered(animated);
    expect(animation.source.frames).toBe(2);
    expect(await propertiesOf(animation.files.main ?? Buffer.alloc(0))).toHaveLength(1);
    const preserved = profile({ variants: { main: {} }, colorSpace: 'preserve' });
    const { files, receipt } = await bench.rendered(wide, { profile: preserved });
    expect(receipt.colorProfile).toContain('P3');
    expect((await sharp(files.main).metadata()).xmp?.toString()).toContain('TC260:AIGC');
  });
});

describe('an output of a profile that keeps copyright', () => {
  const EXIF = { IFD0: { Artist: 'Ada <a@example.com>', Copyright: '(C) 2026 Ada & Co' } };

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('has creator, notice and label in %s', async (format) => {
    const source = await open(scene(16, 12))
      .withExif(EXIF)
      .withXmp(packetOf({ elements: element(LABELS.minimal ?? '') }).toString())
      .jpeg()
      .toBuffer();
    const asks = profile({ variants: { main: { format, effort: 0 } }, metadata: 'copyright' });
    const { files, receipt } = await bench.rendered(source, { profile: asks });
    expect(await propertiesOf(files.main ?? Buffer.alloc(0))).toEqual([
      ['TC260:AIGC', [LABELS.minimal]],
      ['dc:creator', [EXIF.IFD0.Artist]],
      ['dc:rights', [EXIF.IFD0.Copyright]],
    ]);
    expect(receipt.copyright).toEqual({
      creator: EXIF.IFD0.Artist,
      notice: EXIF.IFD0.Copyright,
      licenseUrl: null,
      written: true,
    });
  });
});

it('fills in the propagator that the setting names, with the id of the image', async () => {
  const publisher = await openBench({ labels: { isKept: true, propagator: '某平台' } });
  onTestFinished(() => publisher.close());
  const { files } = await publisher.rendered(await labelledJpeg(LABELS.minimal ?? ''), { imageId: 'img_7' });
  const [property] = await propertiesOf(files.main ?? Buffer.alloc(0));
  expect(JSON.parse(property?.[1][0] ?? '')).toEqual({
    Label: '1',
    ContentPropagator: '某平台',
    PropagateID: 'img_7',
  });
});

describe('the receipt', () => {
  it('describes the label', async () => {
    const { receipt } = await bench.rendered(await labelledJpeg(LABELS.full ?? ''));
    expect(receipt.aiLabel).toEqual({
      label: 'ai',
      producer: '001191110102MAD55U9H0F10002',
      produceId: '26e8d13d-d85d-4276-89a0-26c5a7b84a83',
      propagator: '001191440300708461136T1XGW3',
      source: 'xmp',
      written: true,
      omitted: null,
    });
  });

  it('says that a GIF cannot carry the label, and that its other variants do', async () => {
    const mixed = profile({ variants: { main: { format: 'gif' }, thumb: { format: 'webp' } } });
    const { files, receipt } = await bench.rendered(await labelledJpeg(LABELS.full ?? ''), {
      profile: mixed,
    });
    expect(receipt.aiLabel).toMatchObject({ label: 'ai', written: false, omitted: 'gif' });
    expect(await propertiesOf(files.main ?? Buffer.alloc(0))).toEqual([]);
    expect(await propertiesOf(files.thumb ?? Buffer.alloc(0))).toEqual([['TC260:AIGC', [LABELS.full]]]);
  });

  it.each([
    ['longer than 4 KiB', JSON.stringify({ Label: '1', ReservedCode1: 'x'.repeat(4096) }), 'ai', 'too-long'],
    [
      'longer than 4 KiB in Chinese',
      JSON.stringify({ Label: '1', ReservedCode1: '标'.repeat(2000) }),
      'ai',
      'too-long',
    ],
    ['without a value', '{"Label":"9"}', 'suspected', 'malformed'],
    ['that is not JSON', '{"Label":"1"', 'suspected', 'malformed'],
    ['named like a member of objects', '{"Label":"constructor"}', 'suspected', 'malformed'],
  ] as const)('reports a label %s, which no output has', async (_, aigc, label, omitted) => {
    const { files, receipt } = await bench.rendered(await labelledJpeg(aigc), { profile: every });
    expect(receipt.aiLabel).toMatchObject({ label, written: false, omitted });
    for (const file of Object.values(files)) expect(await propertiesOf(file)).toEqual([]);
  });
});
