import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ImageFormat } from '@pixdock/contract/media-type';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exifSegment, makeExif } from '../testing/exif.js';
import { box } from '../testing/heif.js';
import { packetOf } from '../testing/labelled.js';
import { open, scene, withSegment } from '../testing/pictures.js';
import { withChunk } from '../testing/png.js';
import { withWebpChunk } from '../testing/webp.js';
import { readProvenance } from './provenance.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-provenance-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(format: ImageFormat, file: Buffer) {
  const path = join(folder, format);
  await writeFile(path, file);
  return readProvenance(path, format, await sharp(file).metadata());
}

const picture = () => open(scene(16, 12));
const jpeg = () => picture().jpeg().toBuffer();
const png = () => picture().png().toBuffer();
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const LABEL = '{"Label":"1"}';

describe('a C2PA manifest', () => {
  const jumbf = Buffer.concat([
    Buffer.from('JP\0\x01\0\0\0\x01\0\0\0\x40jumb\0\0\0\x21jumdc2pa\0\x11\0\x10', 'latin1'),
    Buffer.alloc(40),
  ]);
  const uuid = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex');
  it.each<[ImageFormat, (file: Buffer) => Buffer]>([
    ['jpeg', (file) => withSegment(file, 0xeb, jumbf)],
    ['png', (file) => withChunk(file, 'caBX', jumbf)],
    ['webp', (file) => withWebpChunk(file, 'C2PA', jumbf)],
    ['avif', (file) => Buffer.concat([file, box('uuid', uuid, Buffer.alloc(8))])],
    [
      'gif',
      (file) => {
        const at = 13 + (3 << (((file[10] ?? 0) & 7) + 1));
        const block = Buffer.from('!\xff\x0bC2PA_GIF\x01\0\0\x01x\0', 'latin1');
        return Buffer.concat([file.subarray(0, at), block, file.subarray(at)]);
      },
    ],
  ])('is found in %s', async (format, add) => {
    const encoded = picture();
    const plain = await (format === 'avif'
      ? encoded.avif({ effort: 0 })
      : encoded.toFormat(format)
    ).toBuffer();
    expect((await read(format, plain)).c2pa).toBe(false);
    expect((await read(format, add(plain))).c2pa).toBe(true);
  });

  it('is not any other JUMBF or uuid box', async () => {
    const other = Buffer.from(jumbf.toString('latin1').replace('jumdc2pa', 'jumdcbor'), 'latin1');
    expect((await read('jpeg', withSegment(await jpeg(), 0xeb, other))).c2pa).toBe(false);
    const avif = await picture().avif({ effort: 0 }).toBuffer();
    const uuidBox = box('uuid', Buffer.alloc(16), uuid);
    expect((await read('avif', Buffer.concat([avif, uuidBox]))).c2pa).toBe(false);
  });
});

describe('a text chunk of PNG', () => {
  const text = (...parts: (string | Buffer)[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const labelOf = async (type: string, data: Buffer) =>
    (await read('png', withChunk(await png(), type, data))).label;

  it('has its text decoded as UTF-8, or else as Latin-1', async () => {
    const utf8 = await labelOf('tEXt', text('AIGC\0{"Label":"1","ContentProducer":"图像"}'));
    expect(utf8?.producer).toBe('图像');
    const latin1 = await labelOf('tEXt', Buffer.from('AIGC\0{"Label":"1","ContentProducer":"é"}', 'latin1'));
    expect(latin1?.producer).toBe('é');
  });

  it.each([
    ['a bomb', 'zTXt', text('AIGC\0\0', deflateSync(Buffer.alloc(64 * 1024 ** 2)))],
    ['damaged compression', 'zTXt', text('AIGC\0\0', 'no zlib')],
    ['a missing translated keyword', 'iTXt', text('AIGC\0\0\0zh')],
    ['characters that XML cannot contain', 'iTXt', text('AIGC\0\0\0\0\0{"Label":"1","a":"\uffff"}')],
  ])('with %s is a malformed label', async (_, type, data) => {
    expect(await labelOf(type, data)).toMatchObject({
      source: 'png-text',
      fault: 'malformed',
    });
  });

  it('yields to a label in XMP that can be copied', async () => {
    const xmp = packetOf({
      elements: `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${LABEL}</T:AIGC>`,
    });
    const labelled = withChunk(await png(), 'iTXt', text('XML:com.adobe.xmp\0\0\0\0\0', xmp));
    const both = withChunk(labelled, 'tEXt', text('AIGC\0{"Label":"3"}'));
    expect((await read('png', both)).label).toMatchObject({ source: 'xmp', json: LABEL });
  });

  it('that ends within the keyword is ignored', async () => {
    const file = withChunk(await png(), 'tEXt', Buffer.from('AIG'));
    const checksum = file.indexOf('tEXtAIG') + 7;
    file.write('C\0', checksum, 'latin1');
    await writeFile(join(folder, 'short'), file);
    expect(
      (await readProvenance(join(folder, 'short'), 'png', await sharp(await png()).metadata())).label,
    ).toBeNull();
  });

  it('with another keyword does not count as a label', async () => {
    expect(await labelOf('tEXt', text(`AIGC2\0${LABEL}`))).toBeNull();
    expect(await labelOf('tEXt', text(`Comment\0${LABEL}`))).toBeNull();
  });
});

describe('extended XMP', () => {
  const part = (guid: string, offset: number, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length, 0);
    head.writeUInt32BE(offset, 4);
    return Buffer.concat([Buffer.from(`http://ns.adobe.com/xmp/extension/\0${guid}`), head, data]);
  };
  const GUID = 'A'.repeat(32);
  const extended = packetOf({
    elements: `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${LABEL}</T:AIGC>`,
  });
  const main = (guid: string) =>
    Buffer.concat([
      Buffer.from(XMP),
      packetOf({ attributes: `xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="${guid}"` }),
    ]);

  it('has a label if the packet names it', async () => {
    const named = withSegment(withSegment(await jpeg(), 0xe1, part(GUID, 0, extended)), 0xe1, main(GUID));
    expect((await read('jpeg', named)).label?.json).toBe(LABEL);
  });

  it('is not a segment that ends within the signature', async () => {
    const segment = Buffer.from(XMP).subarray(0, 10);
    const file = withSegment(await jpeg(), 0xe1, segment);
    const behind = Buffer.concat([file.subarray(0, 16), Buffer.from(XMP).subarray(10), file.subarray(16)]);
    await writeFile(join(folder, 'short'), behind);
    const metadata = await sharp(await jpeg()).metadata();
    expect((await readProvenance(join(folder, 'short'), 'jpeg', metadata)).label).toBeNull();
  });

  it.each([
    ['that no packet names', 'B'.repeat(32), 0],
    ['whose first part is missing', GUID, 100],
  ])('is ignored %s', async (_, guid, offset) => {
    const file = withSegment(withSegment(await jpeg(), 0xe1, part(guid, offset, extended)), 0xe1, main(GUID));
    expect((await read('jpeg', file)).label).toBeNull();
  });
});

describe('a DigitalSourceType', () => {
  const typed = (type: string) =>
    packetOf({
      attributes: `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalSourceType="${type}"`,
    });
  const labelOf = async (type: string) =>
    (await read('jpeg', withSegment(await jpeg(), 0xe1, Buffer.concat([Buffer.from(XMP), typed(type)]))))
      .label;

  it.each([
    ['http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia', 'ai'],
    ['https://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia', 'ai'],
    ['trainedAlgorithmicMedia', 'ai'],
    ['http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia', 'maybe'],
    ['http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic', 'maybe'],
  ])('%s counts as %s and is copied', async (type, label) => {
    expect(await labelOf(type)).toMatchObject({ label, source: 'iptc', digitalSourceType: type, json: null });
  });

  it.each([
    'http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture',
    'http://example.com/trainedAlgorithmicMedia',
    'constructor',
  ])('%s does not count as a label', async (type) => {
    expect(await labelOf(type)).toBeNull();
  });
});

describe('copyright', () => {
  const rights = packetOf({
    elements:
      '<d:creator xmlns:d="http://purl.org/dc/elements/1.1/"><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></d:creator>' +
      '<d:rights xmlns:d="http://purl.org/dc/elements/1.1/"><rdf:Alt><rdf:li xml:lang="x-default">© Ada</rdf:li></rdf:Alt></d:rights>' +
      '<r:WebStatement xmlns:r="http://ns.adobe.com/xap/1.0/rights/">https://example.com/terms</r:WebStatement>',
  });
  const inXmp = async (packet: Buffer) => {
    const file = withSegment(await jpeg(), 0xe1, Buffer.concat([Buffer.from(XMP), packet]));
    return (await read('jpeg', file)).copyright;
  };

  it('is read from XMP', async () => {
    const expected = { creator: 'Ada; Bob', notice: '© Ada', licenseUrl: 'https://example.com/terms' };
    expect(await inXmp(rights)).toEqual(expected);
  });

  it('is read from EXIF', async () => {
    const file = await picture()
      .withExif({ IFD0: { Artist: 'Ada', Copyright: '2026 Ada' } })
      .jpeg()
      .toBuffer();
    expect((await read('jpeg', file)).copyright).toEqual({
      creator: 'Ada',
      notice: '2026 Ada',
      licenseUrl: null,
    });
  });

  it('is left out if it is not UTF-8', async () => {
    const copyright = Buffer.from('© 2026 Ada', 'latin1');
    const exif = makeExif([[0x8298, 2, copyright.length, 26]], copyright);
    expect((await read('jpeg', withSegment(await jpeg(), 0xe1, exifSegment(exif)))).copyright).toBeNull();
    const iim = iimSegment([[116, copyright]]);
    expect((await read('jpeg', withSegment(await jpeg(), 0xed, iim))).copyright).toBeNull();
  });

  it('is read from IPTC-IIM', async () => {
    const block = iimSegment([
      [80, Buffer.from('Ada')],
      [116, Buffer.from('© Ada')],
    ]);
    const { copyright } = await read('jpeg', withSegment(await jpeg(), 0xed, block));
    expect(copyright).toEqual({ creator: 'Ada', notice: '© Ada', licenseUrl: null });
  });

  function iimSegment(datasets: readonly (readonly [number: number, value: Buffer])[]): Buffer {
    const parts = datasets.map(([number, value]) =>
      Buffer.concat([Buffer.of(0x1c, 2, number, 0, value.length), value]),
    );
    const body = Buffer.concat(parts);
    const head = Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0', 'latin1');
    return Buffer.concat([head, Buffer.of(body.length), body]);
  }

  it.each([
    [
      'a script as the licence',
      rights.toString().replace('https://example.com/terms', 'javascript:alert(1)'),
      'licenseUrl',
    ],
    ['a notice that is too long', rights.toString().replace('© Ada', 'x'.repeat(2000)), 'notice'],
  ] as const)('leaves out %s', async (_, packet, member) => {
    expect((await inXmp(Buffer.from(packet)))?.[member]).toBeNull();
  });
});
