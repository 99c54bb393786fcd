import { MAX_ROW_BYTES } from '../unchecked-item.js';
import type { Parts } from './parts.js';
import { tooComplex } from './refusals.js';

/** The text of cells, as Excel shows it to someone who copies it. */

/** Strings of a workbook that are held in memory. */
const MAX_STRING_CHARACTERS = 32 * 1024 ** 2;
const MAX_STRINGS = 2_000_000;
/** Excel allows 255. */
const MAX_FORMAT_CHARACTERS = 1000;
/** Excel allows half as many. */
const MAX_STYLES = 131_072;

/** Reads the strings that cells share (ECMA-376 part 1, 18.4), without their formats and the reading aids of East Asian text. */
export async function readStrings(parts: Parts, name: string | undefined): Promise<readonly string[]> {
  const strings: string[] = [];
  if (name === undefined || !parts.has(name)) return strings;
  const text = openRichText();
  let characters = 0;
  await parts.read(name, {
    open: (element) => text.open(element),
    close(element, content) {
      text.close(element, content);
      if (element !== 'si') return;
      const whole = text.take();
      characters += whole.length;
      if (characters > MAX_STRING_CHARACTERS || strings.length === MAX_STRINGS)
        throw tooComplex('strings', MAX_STRING_CHARACTERS);
      // Any row with a longer one is too long. A part of a string would keep the whole piece of XML in memory.
      strings.push(Buffer.from(whole.slice(0, MAX_ROW_BYTES + 1)).toString());
    },
  });
  return strings;
}

/** Collects the text of `t` elements, in runs with different formats. */
export function openRichText() {
  let text = '';
  let readingAids = 0;
  return {
    open(element: string): void {
      if (element === 'rPh') readingAids++;
    },
    close(element: string, content: string): void {
      if (element === 'rPh') readingAids--;
      // Runs may be many. Any row with so much text is too long.
      if (element === 't' && readingAids === 0 && text.length <= MAX_ROW_BYTES) text += unescaped(content);
    },
    take(): string {
      const whole = text;
      text = '';
      return whole;
    },
  };
}

/** Characters that XML forbids are written as `_x000D_` (ECMA-376 part 1, 22.9.2.19). */
const unescaped = (text: string) =>
  text.replaceAll(/_x([\da-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

type NumberFormat = { kind: 'general' } | { kind: 'date' } | { kind: 'digits'; digits: number };
const GENERAL: NumberFormat = { kind: 'general' };

/** Writes the numbers of cells by the number of their style. */
export type NumberWriter = (value: string, style: string | undefined) => string;

/** @param is1904 whether days are counted from 1904, as on the Macintosh */
export async function readNumberFormats(
  parts: Parts,
  name: string | undefined,
  is1904: boolean,
): Promise<NumberWriter> {
  const custom = new Map<string, string>();
  const styles: NumberFormat[] = [];
  let isInCells = false;
  if (name !== undefined && parts.has(name))
    await parts.read(name, {
      open(element, { numFmtId = '0', formatCode = '' }) {
        if (element === 'numFmt' && custom.size < MAX_STYLES)
          custom.set(numFmtId, formatCode.slice(0, MAX_FORMAT_CHARACTERS));
        if (element === 'cellXfs') isInCells = true;
        if (element !== 'xf' || !isInCells) return;
        if (styles.length === MAX_STYLES) throw tooComplex('styles', MAX_STYLES);
        styles.push(formatOf(numFmtId, custom.get(numFmtId)));
      },
      close(element) {
        if (element === 'cellXfs') isInCells = false;
      },
    });
  return (value, style) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number)) return value;
    const format = styles[Number(style ?? 0)] ?? GENERAL;
    if (format.kind === 'date') return dateText(number, is1904);
    const text = plainText(number);
    return format.kind === 'digits' && /^\d+$/.test(text) ? text.padStart(format.digits, '0') : text;
  };
}

function formatOf(id: string, code: string | undefined): NumberFormat {
  if (code === undefined) return isDateId(Number(id)) ? { kind: 'date' } : GENERAL;
  // Without quoted text, escaped characters and colours or locales.
  const bare = code.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]/g, '');
  if (/^0+$/.test(bare)) return { kind: 'digits', digits: bare.length };
  return !/general/i.test(bare) && /[ymdhs]/i.test(bare) ? { kind: 'date' } : GENERAL;
}

/** Built-in formats of dates and times, those of East Asia included (ECMA-376 part 1, 18.8.30). */
const isDateId = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Excel shows 15 digits. Article numbers must not become `6.9E+12`. */
function plainText(number: number): string {
  const shown = Number(number.toPrecision(15));
  return Number.isInteger(shown) ? BigInt(shown).toString() : String(shown);
}

const DAY_MS = 86_400_000;
/** Excel has a 29 February 1900, so that its day 61 is right. */
const FIRST_RIGHT_DAY = 60;

function dateText(days: number, is1904: boolean): string {
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < FIRST_RIGHT_DAY ? 31 : 30);
  const time = new Date(epoch + Math.round((days * DAY_MS) / 1000) * 1000);
  if (Number.isNaN(time.getTime())) return plainText(days);
  const [date = '', clock = ''] = time.toISOString().slice(0, 19).split('T');
  if (Number.isInteger(days)) return date;
  return days < 1 ? clock : `${date} ${clock}`;
}
