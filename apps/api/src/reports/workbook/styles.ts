import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { attributesIn, openTokenizer, withAttributes } from './tokens.js';

/** A light red that no other program uses, so that a later report finds and removes it. */
const RED = 'FFFFC1C2';
/** Styles that Excel allows. */
const MAX_STYLES = 65_490;

interface Look {
  isRed: boolean;
  hasLines: boolean;
}

/** The styles of cells (ECMA-376 part 1, 18.8), to which cells with a fault add their own. */
export interface CellStyles {
  /** The style of a changed cell, whose style is `base`. */
  changed(base: number, look: Look): number;
  /** The part, with the styles that were asked for. */
  write(): string;
}

/** Of a workbook without styles. */
export const NO_STYLES: CellStyles = { changed: (base) => base, write: () => '' };

/** Reads the part with the styles; null without the usual lists. */
export async function openCellStyles(text: string): Promise<CellStyles | null> {
  const [fills, formats] = [await findList(text, 'fills'), await findList(text, 'cellXfs')];
  if (fills === null || formats === null) return null;
  return stylesOf(text, fills, formats);
}

function stylesOf(text: string, fills: List, formats: List): CellStyles {
  const known = fills.items.findIndex((fill) => fill.includes(`"${RED}"`));
  const red = known === -1 ? fills.items.length : known;
  const added: string[] = [];
  const numbers = new Map<string, number>();

  function changed(base: number, { isRed, hasLines }: Look): number {
    const format = formats.items[base];
    if (format === undefined) return base;
    const wasRed = known !== -1 && attributesIn(tagOf(format)).get('fillId') === String(red);
    if (wasRed === isRed && !hasLines) return base;
    const key = `${base} ${isRed} ${hasLines}`;
    const number = numbers.get(key) ?? formats.items.length + added.length;
    if (number >= MAX_STYLES) return base;
    if (!numbers.has(key)) {
      const filled = wasRed === isRed ? format : withFill(format, isRed ? red : 0);
      added.push(hasLines ? withLines(filled, formats.prefix) : filled);
    }
    numbers.set(key, number);
    return number;
  }

  function write(): string {
    if (added.length === 0) return text;
    const f = fills.prefix;
    const fill = `<${f}fill><${f}patternFill patternType="solid"><${f}fgColor rgb="${RED}"/><${f}bgColor indexed="64"/></${f}patternFill></${f}fill>`;
    const lists = [
      { list: fills, added: known === -1 ? [fill] : [] },
      { list: formats, added },
    ].toSorted((one, other) => one.list.from - other.list.from);
    let written = '';
    let at = 0;
    for (const { list, added: more } of lists) {
      const count = String(list.items.length + more.length);
      written += text.slice(at, list.from) + withAttributes(list.tag, { count });
      written += text.slice(list.from + list.tag.length, list.end) + more.join('');
      at = list.end;
    }
    return written + text.slice(at);
  }

  return { changed, write };
}

interface List {
  tag: string;
  prefix: string;
  items: string[];
  /** Where its start tag and its end tag begin. */
  from: number;
  end: number;
}

/** Finds a list with its elements. */
async function findList(text: string, name: string): Promise<List | null> {
  let list: List | null = null;
  let at = 0;
  let depth = 0;
  let begun = 0;
  for (const { source, tag } of openTokenizer().tokens(text)) {
    if (isSliceOver()) await nextSlice();
    if (list === null) {
      if (tag?.name === name && tag.kind === 'start')
        list = { tag: source, prefix: tag.prefix, items: [], from: at, end: at };
    } else if (tag?.kind === 'end' && depth === 0) return { ...list, end: at };
    else if (tag !== null) {
      if (depth === 0) begun = at;
      if (tag.kind === 'start') depth++;
      if (tag.kind === 'end') depth--;
      if (depth === 0) list.items.push(text.slice(begun, at + source.length));
    }
    at += source.length;
  }
  return null;
}

const tagOf = (element: string) => element.slice(0, element.indexOf('>') + 1);

const withFill = (format: string, fill: number) =>
  withAttributes(tagOf(format), { fillId: String(fill), applyFill: '1' }) +
  format.slice(tagOf(format).length);

/** A format in which a cell shows line breaks. */
function withLines(format: string, prefix: string): string {
  const tag = withAttributes(tagOf(format), { applyAlignment: '1' });
  const content = format.slice(tagOf(format).length);
  if (tag.endsWith('/>')) return `${tag.slice(0, -2)}><${prefix}alignment wrapText="1"/></${prefix}xf>`;
  const alignment = /<(?:[^\s<>/]+:)?alignment\b[^>]*>/.exec(content)?.[0];
  return alignment === undefined
    ? `${tag}<${prefix}alignment wrapText="1"/>${content}`
    : tag + content.replace(alignment, () => withAttributes(alignment, { wrapText: '1' }));
}
