import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './testing/bench.js';
import { expectClean } from './testing/clean.js';
import { exifSegment, makeExif } from './testing/exif.js';
import { gifExtension, makeGif } from './testing/gif.js';
import { box, codedOf, ispe, makeAvif } from './testing/heif.js';
import { containsPayload } from './testing/payload.js';
import { open, scene, withSegment } from './testing/pictures.js';
import { chunk, makePng, withChunk } from './testing/png.js';
import { withWebpChunk } from './testing/webp.js';

/*
 * Polyglots and hiding places that metadata.test.ts does not cover. Each contains a random marker, so that it cannot occur in
 * an output by chance. Payloads in visible pixels are out of scope.
 */
const MARK = randomBytes(8).toString('hex');
const SCRIPT = `<?php /*${MARK}*/ ?><script>alert("${MARK}")</script>`;
const HIDDEN = Buffer.from(SCRIPT);
const ZIP = Buffer.from(`PK\x03\x04${MARK}PK\x05\x06${'\0'.repeat(18)}`, 'latin1');
const NOTHING = Buffer.alloc(0);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Place = [name: string, hide: (picture: Buffer) => Buffer | Promise<Buffer>];

const behind =
  (...what: Buffer[]) =>
  (picture: Buffer) =>
    Buffer.concat([picture, ...what]);
const before = (picture: Buffer, mark: number | string, what: Buffer) => {
  const at = picture.lastIndexOf(typeof mark === 'number' ? Buffer.of(0xff, mark) : mark);
  return Buffer.concat([picture.subarray(0, at), what, picture.subarray(at)]);
};

const JPEG: Place[] = [
  ...Array.from(
    { length: 16 },
    (_, i): Place => [
      `APP${i}`,
      (jpeg) => withSegment(jpeg, 0xe0 + i, Buffer.concat([Buffer.from('Own\0'), HIDDEN])),
    ],
  ),
  ['a ZIP after the end', behind(ZIP)],
  ['a page after the end', behind(Buffer.from(`<!doctype html>${SCRIPT}`))],
  [
    'a video after the end, as in a motion photo',
    behind(box('ftyp', Buffer.from('mp42')), box('mdat', HIDDEN)),
  ],
  ['a Samsung trailer', behind(Buffer.from(`\0\0\x01\x0a${SCRIPT}SEFHk\0\0\0SEFT`, 'latin1'))],
  [
    'a second image, as in MPF',
    async (jpeg) => {
      const index = Buffer.from('MPF\0II*\0\x08\0\0\0', 'latin1');
      const second = withSegment(await open(scene(16, 12)).jpeg().toBuffer(), 0xfe, HIDDEN);
      return Buffer.concat([withSegment(jpeg, 0xe2, index), second]);
    },
  ],
  ['a comment that opens a script', (jpeg) => withSegment(jpeg, 0xfe, Buffer.from(`*/=1;${SCRIPT}/*`))],
  ['bytes between segments', (jpeg) => before(jpeg, 0xda, HIDDEN)],
  ['bytes before the end', (jpeg) => before(jpeg, 0xd9, HIDDEN)],
  [
    'an unused quantisation table',
    (jpeg) =>
      before(
        jpeg,
        0xda,
        withSegment(
          NOTHING,
          0xdb,
          Buffer.concat([Buffer.of(3), Buffer.from(SCRIPT.padEnd(64).slice(0, 64))]),
        ),
      ),
  ],
  [
    'an EXIF directory',
    (jpeg) => withSegment(jpeg, 0xe1, exifSegment(makeExif([[0x9286, 7, HIDDEN.length, 26]], HIDDEN))),
  ],
];

const indexed = (indexes: Buffer, palette: Buffer) =>
  withChunk(
    makePng(
      { width: indexes.length, height: 1, colour: 3 },
      deflateSync(Buffer.concat([Buffer.of(0), indexes])),
    ),
    'PLTE',
    palette,
  );
const text = (data: Buffer) => Buffer.concat([Buffer.from('Comment\0\0'), data]);
const PNG: Place[] = [
  ['compressed text', (png) => withChunk(png, 'zTXt', text(deflateSync(HIDDEN)))],
  [
    'international text',
    (png) => withChunk(png, 'iTXt', Buffer.concat([Buffer.from('Comment\0\0\0\0\0'), HIDDEN])),
  ],
  [
    'compressed international text',
    (png) => withChunk(png, 'iTXt', Buffer.concat([Buffer.from('C\0\x01\0\0\0'), deflateSync(HIDDEN)])),
  ],
  ['EXIF', (png) => withChunk(png, 'eXIf', makeExif([[0x010e, 2, HIDDEN.length, 26]], HIDDEN))],
  [
    'the name of a colour profile',
    (png) => withChunk(png, 'iCCP', Buffer.concat([Buffer.from(`${MARK}\0\0`), deflateSync(HIDDEN)])),
  ],
  ['a suggested palette', (png) => withChunk(png, 'sPLT', Buffer.from(`${MARK}\0\x08`))],
  ['an unused palette', (png) => withChunk(png, 'PLTE', HIDDEN.subarray(0, 60))],
  [
    'unused colours of a palette',
    () => indexed(Buffer.alloc(40), Buffer.concat([Buffer.of(9, 9, 9), HIDDEN.subarray(0, 60)])),
  ],
  ['indexes of equal colours', () => indexed(HIDDEN, Buffer.alloc(768))],
  ['indexes past the end of the palette', () => indexed(HIDDEN, Buffer.alloc(3))],
  [
    'rows after the last one',
    () =>
      makePng({ width: 40, height: 1, colour: 0 }, deflateSync(Buffer.concat([Buffer.alloc(41), HIDDEN]))),
  ],
  [
    'another frame',
    (png) =>
      before(png, '\0\0\0\0IEND', chunk('fdAT', Buffer.concat([Buffer.of(0, 0, 0, 1), deflateSync(HIDDEN)]))),
  ],
  ['pixel data after the last row', (png) => before(png, '\0\0\0\0IEND', chunk('IDAT', HIDDEN))],
  ['a page and a ZIP after the end', behind(HIDDEN, ZIP)],
];

const WEBP: Place[] = [
  ['a colour profile', (webp) => withWebpChunk(webp, 'ICCP', HIDDEN)],
  ['EXIF', (webp) => withWebpChunk(webp, 'EXIF', HIDDEN)],
  ['XMP', (webp) => withWebpChunk(webp, 'XMP ', HIDDEN)],
  ['a ZIP after the end', behind(ZIP)],
];

const size = { width: 40, height: 30 };
const gif =
  (label: number, first: string, data: Buffer): Place[1] =>
  () =>
    makeGif(size, [size], { extensions: [gifExtension(label, Buffer.from(first, 'latin1'), data)] });
const GIF: Place[] = [
  ['XMP', gif(0xff, 'XMP DataXMP', HIDDEN)],
  ['an application extension', gif(0xff, 'SOMEONE 1.0', HIDDEN)],
  ['plain text', gif(0x01, '\0'.repeat(12), HIDDEN)],
  ['an unknown extension', gif(0x77, '', HIDDEN)],
  [
    'a GIF comment that closes a JavaScript comment opened by the screen size',
    () => {
      // The file starts with `GIF89a/*`, and the GIF comment is `*/=1;…`.
      const [width, height] = [Buffer.from('/*').readUInt16LE(), 4];
      const comment = gifExtension(0xfe, NOTHING, Buffer.from(`*/=1;alert("${MARK}")//`));
      return makeGif({ width, height }, [{ width, height }], { extensions: [comment] });
    },
  ],
  ['a ZIP after the end', behind(ZIP)],
];

const AVIF: Place[] = [
  ['a uuid box after the end', behind(box('uuid', Buffer.alloc(16), HIDDEN))],
  ['a free box after the end', behind(box('free', HIDDEN))],
  ...(['Exif', 'mime', 'uri '] as const).map(
    (type): Place => [
      `an item of type ${type}`,
      async () => {
        const { data, config } = codedOf(await sources.avif());
        const shown = { type: 'av01', data, properties: [config, ispe(64, 48)] };
        return makeAvif([shown, { type, data: HIDDEN, properties: [] }]);
      },
    ],
  ),
  [
    'bytes outside every item',
    async () => {
      const { data, config } = codedOf(await sources.avif());
      return makeAvif([{ type: 'av01', data, properties: [config, ispe(64, 48)] }], { slack: HIDDEN });
    },
  ],
];

const picture = () => open(scene(64, 48));
const sources = {
  jpeg: () => picture().jpeg().toBuffer(),
  png: () => picture().png().toBuffer(),
  webp: () => picture().webp().toBuffer(),
  gif: () => picture().gif().toBuffer(),
  avif: () => picture().avif({ effort: 0 }).toBuffer(),
};
const PLACES: Record<keyof typeof sources, Place[]> = {
  jpeg: JPEG,
  png: PNG,
  webp: WEBP,
  gif: GIF,
  avif: AVIF,
};

describe.each(Object.keys(PLACES) as (keyof typeof sources)[])('a rendered %s', (format) => {
  it.each(PLACES[format])('does not contain a payload from %s', async (_, hide) => {
    await expectClean(bench, await hide(await sources[format]()), MARK);
  });
});

it('is checked by a search that finds plain and deflated payloads', async () => {
  const kept = withChunk(await sources.png(), 'zTXt', text(deflateSync(HIDDEN)));
  expect(kept.includes(MARK)).toBe(false);
  expect(containsPayload(kept, MARK)).toBe(true);
  const exif = await picture()
    .withExif({ IFD0: { Copyright: MARK } })
    .webp()
    .toBuffer();
  expect(containsPayload(await sharp(exif).keepMetadata().webp().toBuffer(), MARK)).toBe(true);
  expect(containsPayload(await sources.png(), MARK)).toBe(false);
});
