import type { FileBytes } from './bytes.js';

/** Start and end of a box's content. */
interface Span {
  start: number;
  end: number;
}

/** A box that describes an item. */
export type Property = Span & { type: string };

/** libheif's limit on items; boxes and properties share it. */
export const MAX_ENTRIES = 1000;

/** An item that is coded as AV1. */
export interface CodedItem {
  properties: Property[];
  /** Position of its data; null if the data is not at a position of the file. */
  data: number | null;
}

/** The primary item with its properties. If it is a grid, data and further properties are those of its first tile. */
export function readPrimary(bytes: FileBytes): CodedItem {
  const { meta, primary } = openMeta(bytes);
  return readItem(bytes, meta, primary);
}

/** The alpha plane of the primary item, or null. */
export function readAlpha(bytes: FileBytes): CodedItem | null {
  const { meta } = openMeta(bytes);
  const id = alphaOf(bytes);
  return id === null ? null : readItem(bytes, meta, id);
}

/** The ID of the alpha plane of the primary item, or null. */
export function alphaOf(bytes: FileBytes): number | null {
  const { meta, primary } = openMeta(bytes);
  const iprp = childOf(bytes, meta, 'iprp');
  const isAlpha = allProperties(bytes, iprp).map((property) =>
    auxiliaryTypes(bytes, [property]).some((type) => ALPHA_TYPES.has(type)),
  );
  const planes = new Set<number>();
  for (const { item, indexes } of associations(bytes, iprp))
    if (indexes.some((index) => isAlpha[index - 1])) planes.add(item);
  for (const { type, from, to } of references(bytes, meta))
    if (type === 'auxl' && to === primary && planes.has(from)) return from;
  return null;
}

const MAX_TYPE_BYTES = 200;

/** The auxiliary types that these properties state (ISO/IEC 23008-12 6.5.8). */
export function auxiliaryTypes(bytes: FileBytes, properties: readonly Property[]): string[] {
  return properties
    .filter(({ type }) => type === 'auxC')
    .map(({ start, end }) => ({ start: start + FULL_BOX_BYTES, end }))
    .map(
      ({ start, end }) => bytes.text(start, Math.min(end - start, MAX_TYPE_BYTES)).split('\0', 1)[0] ?? '',
    );
}

/** AVIF 1.1, 4.1, and the type of HEVC files, which libheif and browsers accept, too. */
const ALPHA_TYPES = new Set(['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1']);

function readItem(bytes: FileBytes, meta: Span, id: number): CodedItem {
  const tile = firstReference(bytes, meta, 'dimg', id);
  const iprp = childOf(bytes, meta, 'iprp');
  const indexes = new Set([...propertiesOf(bytes, iprp, id), ...propertiesOf(bytes, iprp, tile)]);
  return {
    properties: allProperties(bytes, iprp).filter((_, i) => indexes.has(i + 1)),
    data: dataOf(bytes, childOf(bytes, meta, 'iloc'), tile ?? id),
  };
}

/** Properties of all items. */
export function itemProperties(bytes: FileBytes): Property[] {
  return allProperties(bytes, childOf(bytes, openMeta(bytes).meta, 'iprp'));
}

export interface Item {
  id: number;
  type: string;
  /** Position of the byte whose lowest bit hides the item. */
  flagsAt: number;
}

/** The items of the file (ISO/IEC 14496-12 8.11.6). */
export function* itemsOf(bytes: FileBytes): Generator<Item> {
  const iinf = childOf(bytes, openMeta(bytes).meta, 'iinf');
  const entries = { start: iinf.start + FULL_BOX_BYTES + idLength(bytes, iinf), end: iinf.end };
  for (const { type, start, end } of boxesIn(bytes, entries)) {
    if (type !== 'infe') continue;
    // Version 2 has an ID of 2 bytes, version 3 of 4, and both have a protection index of 2.
    const idBytes = bytes.at(start) === 3 ? 4 : 2;
    const typeAt = start + FULL_BOX_BYTES + idBytes + 2;
    if (typeAt + 4 > end) continue;
    const id = bytes.number(start + FULL_BOX_BYTES, idBytes);
    yield { id, type: bytes.text(typeAt, 4), flagsAt: start + FULL_BOX_BYTES - 1 };
  }
}

/** Whether the file has an item of this type. */
export function hasItem(bytes: FileBytes, type: string): boolean {
  for (const item of itemsOf(bytes)) if (item.type === type) return true;
  return false;
}

/** The tiles of a grid, in order and with repetitions. */
export function tilesOf(bytes: FileBytes, grid: number): number[] {
  const { meta } = openMeta(bytes);
  return [...references(bytes, meta)].flatMap(({ type, from, to }) =>
    type === 'dimg' && from === grid ? [to] : [],
  );
}

export const primaryOf = (bytes: FileBytes): number => openMeta(bytes).primary;

/** The pixels that items declare, by their IDs (ISO/IEC 23008-12 6.5.3). */
export function itemPixels(bytes: FileBytes): Map<number, number> {
  const iprp = childOf(bytes, openMeta(bytes).meta, 'iprp');
  const properties = allProperties(bytes, iprp);
  const pixels = new Map<number, number>();
  for (const { item, indexes } of associations(bytes, iprp)) {
    const ispe = indexes.map((index) => properties[index - 1]).find((property) => property?.type === 'ispe');
    if (ispe === undefined || pixels.has(item)) continue;
    const width = ispe.start + FULL_BOX_BYTES;
    pixels.set(item, bytes.number(width, 4) * bytes.number(width + 4, 4));
  }
  return pixels;
}

/** Whether the primary item has a `prem` reference, which marks premultiplied alpha (ISO/IEC 23008-12 6.4.4). */
export function isPremultiplied(bytes: FileBytes): boolean {
  const { meta, primary } = openMeta(bytes);
  return firstReference(bytes, meta, 'prem', primary) !== null;
}

/** The first target of a reference from an item, or null. */
function firstReference(bytes: FileBytes, meta: Span, wanted: string, from: number): number | null {
  for (const { type, from: each, to } of references(bytes, meta))
    if (type === wanted && each === from) return to;
  return null;
}

/** More than a file of MAX_ENTRIES items needs: each is a tile, has a preview and an alpha plane. */
const MAX_REFERENCES = 4 * MAX_ENTRIES;

/** The references between items (ISO/IEC 14496-12 8.11.12), at most MAX_REFERENCES. */
function* references(bytes: FileBytes, meta: Span): Generator<{ type: string; from: number; to: number }> {
  const iref = childOf(bytes, meta, 'iref');
  const idBytes = idLength(bytes, iref);
  let read = 0;
  for (const { type, start, end } of boxesIn(bytes, { start: iref.start + FULL_BOX_BYTES, end: iref.end })) {
    const from = bytes.number(start, idBytes);
    const targets = start + idBytes + 2;
    const count = Math.min(bytes.number(targets - 2, 2), (end - targets) / idBytes);
    for (let i = 0; i < count; i++) {
      if (read++ === MAX_REFERENCES) return;
      yield { type, from, to: bytes.number(targets + i * idBytes, idBytes) };
    }
  }
}

/** Bytes of a full box's version and flags. */
const FULL_BOX_BYTES = 4;

/** The meta box and the ID of the primary item. */
function openMeta(bytes: FileBytes): { meta: Span; primary: number } {
  const { start, end } = childOf(bytes, { start: 0, end: bytes.size }, 'meta');
  const meta = { start: start + FULL_BOX_BYTES, end };
  const pitm = childOf(bytes, meta, 'pitm');
  return { meta, primary: bytes.number(pitm.start + FULL_BOX_BYTES, idLength(bytes, pitm)) };
}

const idLength = (bytes: FileBytes, { start }: Span) => (bytes.at(start) === 0 ? 2 : 4);

/** The 1-based indexes of the properties of items (ISO/IEC 23008-12 9.3.1), at most MAX_ENTRIES items. */
function* associations(bytes: FileBytes, iprp: Span): Generator<{ item: number; indexes: number[] }> {
  let items = 0;
  for (const box of boxesIn(bytes, iprp)) {
    if (box.type !== 'ipma') continue;
    const idBytes = idLength(bytes, box);
    const isWide = ((bytes.at(box.start + 3) ?? 0) & 1) === 1;
    const [step, mask] = isWide ? [2, 0x7fff] : [1, 0x7f];
    let at = box.start + FULL_BOX_BYTES + 4;
    while (at < box.end && items++ < MAX_ENTRIES) {
      const list = at + idBytes + 1;
      const count = bytes.at(list - 1) ?? 0;
      const indexes = Array.from({ length: count }, (_, i) => bytes.number(list + i * step, step) & mask);
      yield { item: bytes.number(at, idBytes), indexes };
      at = list + count * step;
    }
  }
}

function propertiesOf(bytes: FileBytes, iprp: Span, item: number | null): Set<number> {
  const ofItem = [...associations(bytes, iprp)].filter((each) => each.item === item);
  return new Set(ofItem.flatMap(({ indexes }) => indexes));
}

const allProperties = (bytes: FileBytes, iprp: Span): Property[] => [
  ...boxesIn(bytes, childOf(bytes, iprp, 'ipco')),
];

/** Start of an item's first extent in the file (ISO/IEC 14496-12 8.11.3). */
function dataOf(bytes: FileBytes, iloc: Span, item: number): number | null {
  const version = bytes.at(iloc.start) ?? 0;
  const sizes = bytes.number(iloc.start + 4, 2);
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15] as const;
  const indexBytes = version === 0 ? 0 : sizes & 15;
  const idBytes = version < 2 ? 2 : 4;
  let at = iloc.start + 6 + idBytes;
  for (let items = 0; items < MAX_ENTRIES && at < iloc.end; items++) {
    const method = version === 0 ? 0 : bytes.number(at + idBytes, 2);
    const base = at + idBytes + (version === 0 ? 2 : 4);
    const extents = base + baseBytes;
    if (bytes.number(at, idBytes) === item) {
      const start = offset(bytes, base, baseBytes) + offset(bytes, extents + 2 + indexBytes, offsetBytes);
      return method === 0 && start < bytes.size ? start : null;
    }
    at = extents + 2 + bytes.number(extents, 2) * (indexBytes + offsetBytes + lengthBytes);
  }
  return null;
}

/** A number of 0, 4 or 8 bytes. */
const offset = (bytes: FileBytes, at: number, length: number) =>
  length === 8 ? bytes.number(at + 2, 6) : bytes.number(at, length);

/** The first child of this type, or an empty span. */
function childOf(bytes: FileBytes, parent: Span, type: string): Span {
  for (const box of boxesIn(bytes, parent)) if (box.type === type) return box;
  return { start: parent.end, end: parent.end };
}

/** The complete boxes of a span (ISO/IEC 14496-12 4.2). */
export function* boxesIn(bytes: FileBytes, { start, end }: Span): Generator<Span & { type: string }> {
  let at = start;
  for (let boxes = 0; boxes <= MAX_ENTRIES && at + 8 <= end; boxes++) {
    const short = bytes.number(at, 4);
    const head = short === 1 ? 16 : 8;
    const long = short === 1 ? bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4) : short;
    const next = short === 0 ? end : at + long;
    if (!(next >= at + head && next <= end)) return;
    yield { type: bytes.text(at + 4, 4), start: at + head, end: next };
    at = next;
  }
}
