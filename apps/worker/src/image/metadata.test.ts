import { deflateSync } from 'node:zlib';
import { builtInProfiles } from '@pixdock/contract/profile';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench, profile } from './testing/bench.js';
import { expectClean as expectHidden } from './testing/clean.js';
import { DISPLAY_P3, makeProfile } from './testing/colour-profile.js';
import { gifExtension, makeGif } from './testing/gif.js';
import { box, codedOf, ispe, makeAvif } from './testing/heif.js';
import { jpegWithIcc, open, scene, withSegment } from './testing/pictures.js';
import { chunk, pngWithIcc, withChunk } from './testing/png.js';

const SECRET = 'S3CRET-payload-<script>alert(1)</script>';
const gps = {
  IFD0: { Copyright: SECRET, ImageDescription: SECRET },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '51/1 30/1 3230/100',
    GPSLongitudeRef: 'W',
    GPSLongitude: '0/1 7/1 4366/100',
  },
};
const picture = () => open(scene(64, 48));
const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="${SECRET.replace(/[<>]/g, '')}"/></rdf:RDF></x:xmpmeta>`;
// Photoshop's resource 0x0404 contains IPTC-IIM.
const iptc = Buffer.concat([
  Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0', 'latin1'),
  Buffer.of(5 + SECRET.length),
  Buffer.of(0x1c, 2, 120, 0, SECRET.length),
  Buffer.from(SECRET),
]);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const expectClean = (source: Buffer) => expectHidden(bench, source, 'S3CRET');

describe('rendering', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('removes EXIF with a location from %s', async (format) => {
    const source = await picture().withExif(gps)[format]().toBuffer();
    expect(await expectClean(source)).toMatchObject({ removed: ['exif'], gpsRemoved: true });
  });

  it('removes EXIF, XMP and text that ExifTool writes after the pixels of a PNG', async () => {
    const jpeg = await picture().withExif(gps).jpeg().toBuffer();
    const exif = ((await sharp(jpeg).metadata()).exif as Buffer).subarray(6);
    const place = `XML:com.adobe.xmp\0\0\0\0\0${xmp.replace('rdf:about', 'exif:GPSLatitude="39,54.26N" rdf:about')}`;
    const png = await picture().png().toBuffer();
    const behind = (...chunks: Buffer[]) =>
      Buffer.concat([png.subarray(0, -12), ...chunks, png.subarray(-12)]);
    const text = chunk('tEXt', Buffer.from(`Comment\0${SECRET}`));
    expect(await expectClean(behind(chunk('eXIf', exif), text))).toMatchObject({
      removed: ['exif', 'comments'],
      gpsRemoved: true,
    });
    expect(await expectClean(behind(chunk('iTXt', Buffer.from(place))))).toMatchObject({
      removed: ['xmp'],
      gpsRemoved: true,
    });
  });

  it('removes and reports a location in a second EXIF block, which viewers ignore', async () => {
    const jpeg = await picture().withExif({ IFD0: gps.IFD0 }).jpeg().toBuffer();
    const { exif } = await sharp(await picture().withExif(gps).jpeg().toBuffer()).metadata();
    // Each new segment is inserted before the previous ones.
    const first = withSegment(await picture().jpeg().toBuffer(), 0xe1, exif as Buffer);
    const own = (await sharp(jpeg).metadata()).exif as Buffer;
    expect(await expectClean(withSegment(first, 0xe1, own))).toMatchObject({
      removed: ['exif'],
      gpsRemoved: true,
    });
  });

  it('removes PNG EXIF with the prefix of JPEG EXIF, which libvips ignores', async () => {
    const { exif } = await sharp(await picture().withExif(gps).jpeg().toBuffer()).metadata();
    const source = withChunk(await picture().png().toBuffer(), 'eXIf', exif as Buffer);
    expect(await expectClean(source)).toMatchObject({ removed: ['exif'], gpsRemoved: true });
  });

  it('removes comments and XMP from GIF', async () => {
    const size = { width: 40, height: 30 };
    const packet = Buffer.from(xmp.replace('rdf:about', 'exif:GPSLatitude="39,54.26N" rdf:about'));
    const made = (extension: Buffer) => makeGif(size, [size], { extensions: [extension] });
    expect(await expectClean(made(gifExtension(0xfe, Buffer.of(), Buffer.from(SECRET))))).toMatchObject({
      removed: ['comments'],
      gpsRemoved: false,
    });
    expect(await expectClean(made(gifExtension(0xff, Buffer.from('XMP DataXMP'), packet)))).toMatchObject({
      removed: ['xmp'],
      gpsRemoved: true,
    });
  });

  it('removes and reports a location in XMP', async () => {
    const place = xmp.replace('rdf:about', 'exif:GPSLatitude="39,54.26N" rdf:about');
    const source = await picture().withXmp(place).jpeg().toBuffer();
    expect(await expectClean(source)).toMatchObject({ gpsRemoved: true });
    const compressed = Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), deflateSync(place)]);
    const png = withChunk(await picture().png().toBuffer(), 'iTXt', compressed);
    expect(await expectClean(png)).toMatchObject({ removed: ['xmp'], gpsRemoved: true });
    expect(await expectClean(await picture().withXmp(xmp).jpeg().toBuffer())).toMatchObject({
      gpsRemoved: false,
    });
  });

  it('removes EXIF without a location', async () => {
    const source = await picture().withExif({ IFD0: gps.IFD0 }).jpeg().toBuffer();
    expect(await expectClean(source)).toMatchObject({ removed: ['exif'], gpsRemoved: false });
  });

  it('removes invalid EXIF', async () => {
    const source = withSegment(
      await picture().jpeg().toBuffer(),
      0xe1,
      Buffer.from(`Exif\0\0II*\0\xff\xff${SECRET}`, 'latin1'),
    );
    expect(await expectClean(source)).toMatchObject({ gpsRemoved: false });
  });

  it('removes an EXIF thumbnail', async () => {
    const thumbnail = withSegment(await open(scene(16, 12)).jpeg().toBuffer(), 0xfe, Buffer.from(SECRET));
    const source = withSegment(await picture().jpeg().toBuffer(), 0xe1, exifWithThumbnail(thumbnail));
    expect(await expectClean(source)).toMatchObject({ removed: ['exif'] });
  });

  it.each(['jpeg', 'png', 'webp'] as const)('removes XMP from %s', async (format) => {
    const source = await picture().withXmp(xmp)[format]().toBuffer();
    expect((await expectClean(source)).removed).toContain('xmp');
  });

  it('removes IPTC and comments from JPEG', async () => {
    const jpeg = withSegment(await picture().jpeg().toBuffer(), 0xfe, Buffer.from(SECRET));
    expect((await expectClean(withSegment(jpeg, 0xed, iptc))).removed).toEqual(['iptc', 'comments']);
  });

  it('removes text from PNG', async () => {
    const png = await picture().png().toBuffer();
    const source = ['tEXt', 'prVt'].reduce(
      (file, type) => withChunk(file, type, Buffer.from(`Comment\0${SECRET}`)),
      png,
    );
    expect((await expectClean(source)).removed).toEqual(['comments']);
  });

  it('removes a colour profile', async () => {
    const icc = makeProfile('Display P3 like', DISPLAY_P3, SECRET);
    await expectClean(jpegWithIcc(await picture().jpeg().toBuffer(), icc));
    const png = pngWithIcc(await picture().png().toBuffer(), icc);
    await expectClean(png);
  });

  it('removes bytes after the end', async () => {
    const behind = Buffer.from(SECRET.repeat(500));
    await expectClean(Buffer.concat([await picture().jpeg().toBuffer(), behind]));
    await expectClean(Buffer.concat([await picture().png().toBuffer(), behind]));
    await expectClean(Buffer.concat([await picture().gif().toBuffer(), behind]));
    await expectClean(Buffer.concat([await picture().webp().toBuffer(), behind]));
    await expectClean(Buffer.concat([await picture().avif({ effort: 0 }).toBuffer(), box('free', behind)]));
  });

  it('removes a comment from GIF and a private chunk from WebP', async () => {
    const gif = await picture().gif().toBuffer();
    const comment = Buffer.concat([Buffer.of(0x21, 0xfe, SECRET.length), Buffer.from(SECRET), Buffer.of(0)]);
    const at = 13 + (3 << (((gif[10] ?? 0) & 7) + 1));
    await expectClean(Buffer.concat([gif.subarray(0, at), comment, gif.subarray(at)]));
    const body = Buffer.concat([Buffer.from('XTRA'), Buffer.of(SECRET.length, 0, 0, 0), Buffer.from(SECRET)]);
    const webp = Buffer.concat([await picture().withExif(gps).webp().toBuffer(), body]);
    webp.writeUInt32LE(webp.length - 8, 4);
    await expectClean(webp);
  });
});

describe('a gain map', () => {
  const ISO = Buffer.from('urn:iso:std:iso:ts:21496:-1\0\0\0\0\0');
  const xmpOf = (namespace: string) =>
    Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:hdrgm="${namespace}" hdrgm:Version="1.0"/>`);
  const HDRGM = xmpOf('http://ns.adobe.com/hdr-gain-map/1.0/');
  const jpeg = () => picture().jpeg().toBuffer();
  const map = () => open(scene(16, 12)).greyscale().jpeg().toBuffer();

  it.each<[string, number, Buffer]>([
    ['Ultra HDR', 0xe1, HDRGM],
    ['ISO 21496-1', 0xe2, ISO],
    ['Apple', 0xe1, xmpOf('http://ns.apple.com/HDRGainMap/1.0/')],
  ])('of %s is removed and reported', async (_, marker, segment) => {
    for (const parts of [
      [withSegment(await jpeg(), marker, segment), await map()],
      [await jpeg(), withSegment(await map(), marker, segment)],
      [await jpeg(), Buffer.alloc(9), await map(), withSegment(await map(), marker, segment)],
    ]) {
      const { receipt, files } = await bench.rendered(Buffer.concat(parts));
      expect(receipt.gainMap).toBe('removed');
      expect(files.main?.includes('hdrgm') || files.main?.includes('21496')).toBe(false);
    }
  });

  it('is reported for an AVIF', async () => {
    const coded = codedOf(await picture().avif({ effort: 0 }).toBuffer());
    const item = { type: 'av01', data: coded.data, properties: [coded.config, ispe(64, 48)] };
    const tone = { type: 'tmap', data: Buffer.alloc(8), properties: [] };
    expect((await bench.rendered(makeAvif([item, tone]))).receipt.gainMap).toBe('removed');
    expect((await bench.rendered(makeAvif([item]))).receipt.gainMap).toBeNull();
  });

  it('is not reported without a declaration or without a map', async () => {
    const declared = withSegment(await jpeg(), 0xe1, HDRGM);
    for (const source of [
      declared,
      Buffer.concat([await jpeg(), await map()]),
      await picture().png().toBuffer(),
    ])
      expect((await bench.rendered(source)).receipt.gainMap).toBeNull();
  });
});

describe('the receipt', () => {
  it('reports the declared and detected type, the changes and the profile version', async () => {
    const wanted = builtInProfiles().get('default');
    if (wanted === undefined) throw new Error('no default profile');
    const source = await open(scene(2600, 20)).png({ compressionLevel: 1 }).toBuffer();
    const { receipt } = await bench.rendered(source, { profile: wanted, declaredType: 'image/jpeg' });
    expect(receipt).toEqual({
      declaredType: 'image/jpeg',
      detectedType: 'image/png',
      orientationApplied: 1,
      colorProfile: 'sRGB (assumed)',
      removed: [],
      gpsRemoved: false,
      resized: true,
      encoder: 'png palette level 6',
      grew: null,
      profileVersion: profileVersion(wanted),
      gainMap: null,
      aiLabel: null,
      c2pa: false,
      copyright: null,
    });
  });

  it.each([
    ['jpeg', {}, 'jpeg q82'],
    ['jpeg', { effort: 6, quality: 70 }, 'mozjpeg q70'],
    ['png', { effort: 9 }, 'png level 9 with the rows of the source'],
    ['webp', {}, 'webp lossless effort 1'],
    ['webp', { effort: 9 }, 'webp lossless effort 6'],
    ['avif', { effort: 0 }, 'avif q50 effort 0'],
    ['gif', {}, 'gif effort 2'],
  ] as const)('names the encoder of %s with %o', async (format, options, encoder) => {
    const { receipt, variants } = await bench.rendered(await picture().png().toBuffer(), {
      profile: profile({ variants: { main: { format, ...options } } }),
    });
    expect(receipt.encoder).toBe(encoder);
    expect(variants.main?.format).toBe(format);
  });
});

function exifWithThumbnail(thumbnail: Buffer): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 4 + 2 + 24 + 4);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt32LE(14, 10);
  tiff.writeUInt16LE(2, 14);
  for (const [i, [tag, value]] of (
    [
      [0x0201, tiff.length],
      [0x0202, thumbnail.length],
    ] as const
  ).entries()) {
    tiff.writeUInt16LE(tag, 16 + i * 12);
    tiff.writeUInt16LE(4, 18 + i * 12);
    tiff.writeUInt32LE(1, 20 + i * 12);
    tiff.writeUInt32LE(value, 24 + i * 12);
  }
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail]);
}
