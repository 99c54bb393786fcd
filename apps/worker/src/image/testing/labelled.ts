import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { exifSegment } from './exif.js';
import { makeGif } from './gif.js';
import { open, scene, withSegment } from './pictures.js';
import { chunk, withChunk } from './png.js';
import { withWebpChunk } from './webp.js';

type LabelledFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';
const LABELLED_FORMATS: readonly LabelledFormat[] = ['jpeg', 'png', 'webp', 'avif', 'gif'];

/** The text that outputs must not contain: serial number, place and history of the sources. */
export const PRIVATE = 'Pr1vate-serial';
const SIZE = { width: 16, height: 12 };
const TC260 = 'http://www.tc260.org.cn/ns/AIGC/1.0/';
const IPTC = 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/';

/** A source with a label, and the values that its outputs must have. */
export interface Labelled {
  name: string;
  format: LabelledFormat;
  aigc: string | null;
  digitalSourceType: string | null;
  make(): Promise<Buffer>;
}

export const LABELS: Readonly<Record<string, string>> = {
  full: JSON.stringify({
    Label: '1',
    ContentProducer: '001191110102MAD55U9H0F10002',
    ProduceID: '26e8d13d-d85d-4276-89a0-26c5a7b84a83',
    ReservedCode1: 'D5JAzCK4WSYGSVxWUk0X/dtOVjpfT5FQYjuNJqQ+h8PBzG9zxqDHYjN8GEL4jJky2uTiMkLrFFhuUvaKFEzpIg==',
    ContentPropagator: '001191440300708461136T1XGW3',
    PropagateID: 'p-1',
    ReservedCode2: '',
  }),
  text: '{ "Label": 2, "ContentProducer": "图像 <平台> & \\"Co\\" \'x\' ]]>", "ProduceID": "a\\u0000b\\n" }',
  minimal: '{"Label":"1"}',
  wrapped: '{"AIGC":{"Label":"3","ContentProducer":"X","Extension":{"a":[1,2.50]}}}',
};
const TYPES = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'compositeSynthetic'].map(
  (term) => `http://cv.iptc.org/newscodes/digitalsourcetype/${term}`,
);

type Beside = 'alone' | 'with EXIF and GPS' | 'with everything';
const BESIDE: readonly Beside[] = ['alone', 'with EXIF and GPS', 'with everything'];

/** Sources with every form of label, format and company, for some or all labels. */
export function labelledSources(besides = BESIDE, labels = Object.keys(LABELS)): Labelled[] {
  return LABELLED_FORMATS.flatMap((format) =>
    besides.flatMap((beside) => [
      ...labels.flatMap((label) =>
        Object.entries({ ...PACKETS, ...PLACES[format] }).map(([form, place]) => ({
          name: `${format}, ${form}, ${label}, ${beside}`,
          format,
          aigc: LABELS[label] ?? '',
          digitalSourceType: null,
          make: () => make(format, beside, place(LABELS[label] ?? '')),
        })),
      ),
      ...Object.entries(TYPE_PACKETS).map(([form, place], i) => ({
        name: `${format}, ${form}, ${beside}`,
        format,
        aigc: null,
        digitalSourceType: TYPES[i] ?? '',
        make: () => make(format, beside, place(TYPES[i] ?? '')),
      })),
    ]),
  );
}

/** Sources without a label, with the same company. */
export function unlabelledSources(): Pick<Labelled, 'name' | 'format' | 'make'>[] {
  return LABELLED_FORMATS.flatMap((format) =>
    BESIDE.map((beside) => ({ name: `${format}, ${beside}`, format, make: () => make(format, beside, {}) })),
  );
}

/** The parts of a file that carry the label. */
interface Parts {
  /** Members of the packet's description. */
  attributes?: string;
  elements?: string;
  /** Adds to the finished file. */
  add?: (file: Buffer) => Buffer;
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const aigcElement = (aigc: string) => `<TC260:AIGC xmlns:TC260="${TC260}">${escaped(aigc)}</TC260:AIGC>`;

const PACKETS: Readonly<Record<string, (aigc: string) => Parts>> = {
  attribute: (aigc) => ({ attributes: `xmlns:TC260="${TC260}" TC260:AIGC="${escaped(aigc)}"` }),
  element: (aigc) => ({ elements: aigcElement(aigc) }),
  list: (aigc) => ({
    elements: aigcElement(aigc)
      .replace('/">', '/"><rdf:Alt><rdf:li xml:lang="x-default">')
      .replace('</TC', '</rdf:li></rdf:Alt></TC'),
  }),
  'CDATA with another prefix': (aigc) => ({
    elements: `<a:AIGC xmlns:a="${TC260}"><![CDATA[${aigc.replace(']]>', ']]]]><![CDATA[>')}]]></a:AIGC>`,
  }),
};

const TYPE_PACKETS: Readonly<Record<string, (type: string) => Parts>> = {
  'IPTC attribute': (type) => ({ attributes: `xmlns:i="${IPTC}" i:DigitalSourceType="${type}"` }),
  'IPTC element': (type) => ({
    elements: `<i:DigitalSourceType xmlns:i="${IPTC}">${type}</i:DigitalSourceType>`,
  }),
  'IPTC resource': (type) => ({
    elements: `<i:DigitalSourceType xmlns:i="${IPTC}" rdf:resource="${type}"/>`,
  }),
};

const GUID = '0123456789ABCDEF0123456789ABCDEF';
const text = (keyword: string, ...rest: readonly (string | Buffer)[]) =>
  Buffer.concat([`${keyword}\0`, ...rest].map((part) => Buffer.from(part as string)));

const PLACES: Readonly<Record<LabelledFormat, Readonly<Record<string, (aigc: string) => Parts>>>> = {
  jpeg: {
    'extended XMP': (aigc) => ({
      attributes: `xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="${GUID}"`,
      add: (file) => withExtendedXmp(file, packetOf({ elements: aigcElement(aigc) })),
    }),
  },
  png: {
    tEXt: (aigc) => ({ add: (file) => withChunk(file, 'tEXt', text('AIGC', aigc)) }),
    zTXt: (aigc) => ({ add: (file) => withChunk(file, 'zTXt', text('AIGC', '\0', deflateSync(aigc))) }),
    iTXt: (aigc) => ({ add: (file) => withChunk(file, 'iTXt', text('AIGC', '\0\0zh\0\0', aigc)) }),
    'text after the pixels': (aigc) => ({
      add: (file) => {
        const own = chunk('iTXt', text('AIGC', '\x01\0\0\0', deflateSync(aigc)));
        return Buffer.concat([file.subarray(0, -12), own, file.subarray(-12)]);
      },
    }),
  },
  webp: {},
  avif: {},
  gif: {},
};

/** Two parts, as when a packet is longer than a segment. */
function withExtendedXmp(jpeg: Buffer, packet: Buffer): Buffer {
  const half = Math.floor(packet.length / 2);
  const segment = (at: number, part: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(packet.length, 0);
    head.writeUInt32BE(at, 4);
    return Buffer.concat([text('http://ns.adobe.com/xmp/extension/', GUID), head, part]);
  };
  // Each segment is inserted before the earlier ones.
  const second = withSegment(jpeg, 0xe1, segment(half, packet.subarray(half)));
  return withSegment(second, 0xe1, segment(0, packet.subarray(0, half)));
}

/** A packet with these members and a document id. */
export function packetOf({ attributes = '', elements = '' }: Parts): Buffer {
  const description = `<rdf:Description rdf:about="" ${attributes}>${elements}</rdf:Description>`;
  return Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${description}</rdf:RDF></x:xmpmeta>`,
  );
}

const HISTORY = `<m:History xmlns:m="http://ns.adobe.com/xap/1.0/mm/"><rdf:Seq><rdf:li>${PRIVATE}</rdf:li></rdf:Seq></m:History><e:GPSLatitude xmlns:e="http://ns.adobe.com/exif/1.0/">39,54.26N</e:GPSLatitude><t:Thumbnails xmlns:t="http://ns.adobe.com/xap/1.0/"><rdf:Alt><rdf:li>${PRIVATE}</rdf:li></rdf:Alt></t:Thumbnails>`;
const EXIF = {
  IFD0: { Make: PRIVATE, Artist: PRIVATE, Copyright: PRIVATE, ImageDescription: PRIVATE },
  IFD2: { BodySerialNumber: PRIVATE },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100', GPSMapDatum: PRIVATE },
};

async function make(format: LabelledFormat, beside: Beside, { add, ...members }: Parts): Promise<Buffer> {
  const hasXmp = Object.keys(members).length > 0 || beside === 'with everything';
  const elements = `${members.elements ?? ''}${beside === 'with everything' ? HISTORY : ''}`;
  const packet = hasXmp ? packetOf({ ...members, elements }) : null;
  const file = await WRITERS[format](packet, beside === 'alone' ? null : await exifBlock());
  return add === undefined ? file : add(file);
}

const picture = (): Sharp => open(scene(SIZE.width, SIZE.height));

async function exifBlock(): Promise<Buffer> {
  const { exif } = await sharp(await picture().withExif(EXIF).jpeg().toBuffer()).metadata();
  if (exif === undefined) throw new Error('sharp wrote no EXIF');
  return exif.subarray(6);
}

const WRITERS: Readonly<
  Record<LabelledFormat, (packet: Buffer | null, exif: Buffer | null) => Promise<Buffer>>
> = {
  async jpeg(packet, exif) {
    const plain = await picture().jpeg().toBuffer();
    const labelled =
      packet === null ? plain : withSegment(plain, 0xe1, text('http://ns.adobe.com/xap/1.0/', packet));
    return exif === null ? labelled : withSegment(labelled, 0xe1, exifSegment(exif));
  },
  async png(packet, exif) {
    const plain = await picture().png().toBuffer();
    const labelled =
      packet === null ? plain : withChunk(plain, 'iTXt', text('XML:com.adobe.xmp', '\0\0\0\0', packet));
    return exif === null ? labelled : withChunk(labelled, 'eXIf', exif);
  },
  async webp(packet, exif) {
    const plain = await picture().webp().toBuffer();
    const described = exif === null ? plain : withWebpChunk(plain, 'EXIF', exif);
    return packet === null ? described : withWebpChunk(described, 'XMP ', packet);
  },
  async avif(packet, exif) {
    const image = picture().avif({ effort: 0 });
    if (packet !== null) image.withXmp(packet.toString());
    if (exif !== null) image.withExif(EXIF);
    return image.toBuffer();
  },
  async gif(packet, exif) {
    // GIF has no EXIF; a comment holds the private text.
    const comment =
      exif === null ? [] : [Buffer.from(`!\xfe${String.fromCharCode(PRIVATE.length)}${PRIVATE}\0`, 'latin1')];
    return makeGif(SIZE, [SIZE], { extensions: [...comment, ...(packet === null ? [] : [gifXmp(packet)])] });
  },
};

/** The unsplit packet, and the trailer that lets readers of sub-blocks skip it (XMP part 3, 1.1.2). */
function gifXmp(packet: Buffer): Buffer {
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, i) => 255 - i), 0]);
  return Buffer.concat([Buffer.from('!\xff\x0bXMP DataXMP', 'latin1'), packet, trailer]);
}
