import type { FileBytes } from './bytes.js';
import { byCodePoints, type SignalledColour } from './signalled-colour.js';

/** Where content begins, and where it ends. */
interface Span {
  start: number;
  end: number;
}

/** libheif takes no more items; more boxes or properties no picture needs. */
const MOST = 1000;

/** What the picture's property of CICP tells of colour (ISO/IEC 14496-12 12.1.5). */
export function signalledByNclx(bytes: FileBytes): SignalledColour | null {
  const meta = childOf(bytes, { start: 0, end: bytes.size }, 'meta');
  const content = meta && { start: meta.start + FULL, end: meta.end };
  const pitm = content && childOf(bytes, content, 'pitm');
  const iprp = content && childOf(bytes, content, 'iprp');
  const ipco = iprp && childOf(bytes, iprp, 'ipco');
  if (!pitm || !iprp || !ipco) return null;
  const primary = bytes.number(pitm.start + FULL, idLength(bytes, pitm));
  const own = propertiesOf(bytes, iprp, primary);
  let index = 0;
  for (const { type, start } of boxesIn(bytes, ipco)) {
    index++;
    if (type !== 'colr' || !own.has(index) || bytes.text(start, 4) !== 'nclx') continue;
    return byCodePoints(bytes.number(start + 4, 2), bytes.number(start + 6, 2), 'nclx') ?? null;
  }
  return null;
}

/** Version and flags of a full box. */
const FULL = 4;

const idLength = (bytes: FileBytes, { start }: Span) => (bytes.at(start) === 0 ? 2 : 4);

/** The numbers of an item's properties, from 1 (ISO/IEC 23008-12 9.3.1). */
function propertiesOf(bytes: FileBytes, iprp: Span, item: number): Set<number> {
  const properties = new Set<number>();
  for (const box of boxesIn(bytes, iprp)) {
    if (box.type !== 'ipma') continue;
    const idBytes = idLength(bytes, box);
    const isWide = ((bytes.at(box.start + 3) ?? 0) & 1) === 1;
    const [step, mask] = isWide ? [2, 0x7fff] : [1, 0x7f];
    let at = box.start + FULL + 4;
    for (let items = 0; items < MOST && at < box.end; items++) {
      const list = at + idBytes + 1;
      const end = list + (bytes.at(list - 1) ?? 0) * step;
      if (bytes.number(at, idBytes) === item)
        for (let each = list; each < end; each += step) properties.add(bytes.number(each, step) & mask);
      at = end;
    }
  }
  return properties;
}

function childOf(bytes: FileBytes, parent: Span, type: string): Span | undefined {
  for (const box of boxesIn(bytes, parent)) if (box.type === type) return box;
  return undefined;
}

/** The boxes that are there whole (ISO/IEC 14496-12 4.2). */
function* boxesIn(bytes: FileBytes, { start, end }: Span): Generator<Span & { type: string }> {
  let at = start;
  for (let boxes = 0; boxes < MOST && at + 8 <= end; boxes++) {
    const short = bytes.number(at, 4);
    const head = short === 1 ? 16 : 8;
    const long = short === 1 ? bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4) : short;
    const next = short === 0 ? end : at + long;
    if (!(next >= at + head && next <= end)) return;
    yield { type: bytes.text(at + 4, 4), start: at + head, end: next };
    at = next;
  }
}
