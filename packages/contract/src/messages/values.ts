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

const BINARY_UNITS = ['GiB', 'MiB', 'KiB'] as const;
const NAMED_UNITS = [...BINARY_UNITS, 'GB', 'MB'] as const;

const bytesIn = (unit: string) => SIZE_UNITS[unit.toLowerCase()] ?? 1;

/** A size of more units than this is shown in a larger unit. */
const MAX_COUNT = 10_000;

/** `20 MiB`, or rounded `3.99 MiB`. A size that would round to a whole number is in bytes, since it may be beside that number. */
function sizeWith(unitOfBytes: (count: string) => string) {
  return (value: unknown): string => {
    const bytes = Number(value);
    const exact = NAMED_UNITS.find((unit) => bytes % bytesIn(unit) === 0);
    if (exact !== undefined && bytes > 0 && bytes < MAX_COUNT * bytesIn(exact))
      return `${bytes / bytesIn(exact)} ${exact}`;
    const unit = BINARY_UNITS.find((name) => bytes >= bytesIn(name));
    const rounded = (bytes / bytesIn(unit ?? '')).toFixed(2);
    if (unit === undefined || rounded.endsWith('.00')) return unitOfBytes(bytes.toLocaleString('en'));
    return `${rounded} ${unit}`;
  };
}

/** About `2.1 GiB`, for sizes that change all the time. */
export function roughSize(bytes: number): string {
  const unit = BINARY_UNITS.find((name) => bytes >= bytesIn(name));
  return unit === undefined ? `${bytes} B` : `${(bytes / bytesIn(unit)).toFixed(1)} ${unit}`;
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
