/** Makes a box (ISO/IEC 14496-12 4.2). */
export const box = (type: string, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.from(`\0\0\0\0${type}`, 'latin1'), ...content]);
  body.writeUInt32BE(body.length, 0);
  return body;
};
const fullBox = (type: string, ...content: readonly Buffer[]) => box(type, u32(0), ...content);
const u8 = (...values: readonly number[]) => Buffer.from(values);
const u16 = (...values: readonly number[]) =>
  Buffer.concat(values.map((value) => u8(value >> 8, value & 255)));
const u32 = (...values: readonly number[]) =>
  Buffer.concat(values.map((value) => u16(Math.floor(value / 65_536), value % 65_536)));

/** The declared size of an item. Its AV1 data may have another. */
export const ispe = (width: number, height: number) => fullBox('ispe', u32(width, height));
/** Anticlockwise quarter turns; `imir` mirrors about the vertical axis. */
export const irot = (quarters: number) => box('irot', u8(quarters));
export const imir = () => box('imir', u8(1));
/** Marks an item as the alpha plane of another. */
export const auxC = (type = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha') =>
  fullBox('auxC', Buffer.from(`${type}\0`));

type CodePoints = readonly [primaries: number, transfer: number, matrix: number];
/** Colour as H.273 code points, in the full range. */
export const nclx = (...codes: CodePoints) => box('colr', Buffer.from('nclx'), u16(...codes), u8(0x80));
/** The same in the range of video. */
export const limitedNclx = (...codes: CodePoints) => box('colr', Buffer.from('nclx'), u16(...codes), u8(0));

/** The image of a file with one item: AV1 written by sharp, or HEVC. */
export interface Coded {
  data: Buffer;
  /** The av1C or hvcC box. */
  config: Buffer;
}

export function codedOf(file: Buffer, configuration: 'av1C' | 'hvcC' = 'av1C'): Coded {
  const config = boxAt(file, configuration);
  return { config, data: boxAt(file, 'mdat').subarray(8) };
}

function boxAt(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type) - 4;
  return file.subarray(at, at + file.readUInt32BE(at));
}

interface Item {
  type: string;
  data: Buffer;
  properties: readonly Buffer[];
}

/** A reference between items, by their 1-based positions. */
type Reference = readonly [type: string, from: number, ...to: number[]];

/**
 * Makes an AVIF (AVIF 1.1, ISO/IEC 23008-12). The first item is the primary item. The bytes of
 * `slack` belong to no item. The description may follow the data.
 */
export function makeAvif(
  items: readonly Item[],
  {
    references = [] as readonly Reference[],
    brand = 'avif',
    compatible = 'avifmif1miaf',
    slack = Buffer.alloc(0),
    isMetaLast = false,
  } = {},
): Buffer {
  const properties = items.flatMap((item) => item.properties);
  const ids = items.map((_, i) => i + 1);
  let next = 1;
  const associations = items.map((item, i) =>
    Buffer.concat([u16(i + 1), u8(item.properties.length), ...item.properties.map(() => u8(0x80 | next++))]),
  );
  const ftyp = box('ftyp', Buffer.from(`${brand}\0\0\0\0${compatible}`, 'latin1'));
  const meta = (dataAt: number) => {
    let at = dataAt;
    const places = items.map(({ data }, i) => {
      const place = Buffer.concat([u16(i + 1, 0, 1), u32(at, data.length)]);
      at += data.length;
      return place;
    });
    return fullBox(
      'meta',
      fullBox('hdlr', u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', u16(1)),
      fullBox('iloc', u8(0x44, 0), u16(items.length), ...places),
      fullBox('iinf', u16(items.length), ...ids.map((id, i) => infe(id, items[i]?.type ?? 'av01'))),
      ...(references.length === 0 ? [] : [fullBox('iref', ...references.map(reference))]),
      box('iprp', box('ipco', ...properties), fullBox('ipma', u32(items.length), ...associations)),
    );
  };
  const mdat = box('mdat', ...items.map(({ data }) => data), slack);
  if (isMetaLast) return Buffer.concat([ftyp, mdat, meta(ftyp.length + 8)]);
  return Buffer.concat([ftyp, meta(ftyp.length + meta(0).length + 8), mdat]);
}

const reference = ([type, from, ...to]: Reference) => box(type, u16(from, to.length, ...to));
const infe = (id: number, type: string) => box('infe', u8(2, 0, 0, 0), u16(id, 0), Buffer.from(`${type}\0`));

/** Makes an image from `columns` × `rows` copies of one tile. */
export function gridAvif(tile: Coded, side: number, columns: number, rows: number): Buffer {
  const size = { width: side * columns, height: side * rows };
  const grid = Buffer.concat([u8(0, 1, rows - 1, columns - 1), u32(size.width, size.height)]);
  return makeAvif(
    [
      { type: 'grid', data: grid, properties: [ispe(size.width, size.height)] },
      { type: 'av01', data: tile.data, properties: [tile.config, ispe(side, side)] },
    ],
    { references: [['dimg', 1, ...Array<number>(columns * rows).fill(2)]] },
  );
}
