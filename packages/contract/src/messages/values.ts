import { SIZE_UNITS } from '../quantity.js';

const MAX_LENGTH = 64;
const MAX_ITEMS = 50;

/** The start of a caller's text, without characters that garble a terminal. */
export function printable(text: string): string {
  const start = text.slice(0, MAX_LENGTH).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return text.length > MAX_LENGTH ? `${start}…` : start;
}

/** The first items of a list, each printable. */
export function printableItems(items: readonly string[]): string[] {
  const first = items.slice(0, MAX_ITEMS).map(printable);
  return items.length > MAX_ITEMS ? [...first, '…'] : first;
}

const NAMED_UNITS = ['GiB', 'MiB', 'KiB', 'GB', 'MB'] as const;

/** `20 MiB`; sizes that no unit divides are in bytes: `1,048,577 bytes`. */
function sizeWith(unitOfBytes: (count: string) => string) {
  return (value: unknown): string => {
    const bytes = Number(value);
    const unit = NAMED_UNITS.find((name) => bytes > 0 && bytes % (SIZE_UNITS[name.toLowerCase()] ?? 1) === 0);
    if (unit === undefined) return unitOfBytes(bytes.toLocaleString('en'));
    return `${bytes / (SIZE_UNITS[unit.toLowerCase()] ?? 1)} ${unit}`;
  };
}

// These take wrong values without an error, since parameters also come from Redis and from the decoder process.
export const size = {
  en: sizeWith((count) => (count === '1' ? '1 byte' : `${count} bytes`)),
  zh: sizeWith((count) => `${count} 字节`),
};

/** `80,000,000`. */
export const grouped = (value: unknown): string => Number(value).toLocaleString('en');

export const list = {
  en: (items: readonly string[]) => [items].flat().join(', '),
  zh: (items: readonly string[]) => [items].flat().join('、'),
};

/** Ends a sentence with the wrong value, if it is known. */
export const valueEnd = {
  en: (value: string | undefined) => (value === undefined ? '.' : `: "${value}".`),
  zh: (value: string | undefined) => (value === undefined ? '。' : `：“${value}”。`),
};
