import { fromCodePoints, type SignalledColour } from '../colour/signalled-colour.js';
import type { FileBytes } from './bytes.js';

/** Start and end of a box's content. */
interface Span {
  start: number;
  end: number;
}

/** libheif's limit on items; boxes and properties share it. */
const MAX_ENTRIES = 1000;

/** Colour from the primary item's nclx property (ISO/IEC 14496-12 12.1.5). */
export function readNclxColour(bytes: FileBytes): SignalledColour | null {
  const { meta, primary } = openMeta(bytes);
  const iprp = childOf(bytes, meta, 'iprp');
  const own = propertiesOf(bytes, iprp, primary);
  let index = 0;
  for (const { type, start } of boxesIn(bytes, childOf(bytes, iprp, 'ipco'))) {
    index++;
    if (type !== 'colr' || !own.has(index) || bytes.text(start, 4) !== 'nclx') continue;
    return fromCodePoints(bytes.number(start + 4, 2), bytes.number(start + 6, 2), 'nclx') ?? null;
  }
  return null;
}

/** Whether the primary item has a `prem` reference, which marks premultiplied alpha (ISO/IEC 23008-12 6.4.4). */
export function isPremultiplied(bytes: FileBytes): boolean {
  const { meta, primary } = openMeta(bytes);
  const iref = childOf(bytes, meta, 'iref');
  const references = { start: iref.start + FULL_BOX_BYTES, end: iref.end };
  for (const { type, start } of boxesIn(bytes, references))
    if (type === 'prem' && bytes.number(start, idLength(bytes, iref)) === primary) return true;
  return false;
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

/** The 1-based indexes of an item's properties (ISO/IEC 23008-12 9.3.1). */
function propertiesOf(bytes: FileBytes, iprp: Span, item: number): Set<number> {
  const properties = new Set<number>();
  for (const box of boxesIn(bytes, iprp)) {
    if (box.type !== 'ipma') continue;
    const idBytes = idLength(bytes, box);
    const isWide = ((bytes.at(box.start + 3) ?? 0) & 1) === 1;
    const [step, mask] = isWide ? [2, 0x7fff] : [1, 0x7f];
    let at = box.start + FULL_BOX_BYTES + 4;
    for (let items = 0; items < MAX_ENTRIES && at < box.end; items++) {
      const list = at + idBytes + 1;
      const end = list + (bytes.at(list - 1) ?? 0) * step;
      if (bytes.number(at, idBytes) === item)
        for (let each = list; each < end; each += step) properties.add(bytes.number(each, step) & mask);
      at = end;
    }
  }
  return properties;
}

/** The first child of this type, or an empty span. */
function childOf(bytes: FileBytes, parent: Span, type: string): Span {
  for (const box of boxesIn(bytes, parent)) if (box.type === type) return box;
  return { start: parent.end, end: parent.end };
}

/** The complete boxes of a span (ISO/IEC 14496-12 4.2). */
export function* boxesIn(bytes: FileBytes, { start, end }: Span): Generator<Span & { type: string }> {
  let at = start;
  for (let boxes = 0; boxes < MAX_ENTRIES && at + 8 <= end; boxes++) {
    const short = bytes.number(at, 4);
    const head = short === 1 ? 16 : 8;
    const long = short === 1 ? bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4) : short;
    const next = short === 0 ? end : at + long;
    if (!(next >= at + head && next <= end)) return;
    yield { type: bytes.text(at + 4, 4), start: at + head, end: next };
    at = next;
  }
}
