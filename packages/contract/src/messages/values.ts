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

/** The part of the id of a staging that distinguishes it well enough for people. */
export const shortId = (id: string) => id.slice(0, 8);

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

/** The size of a file and its limit; a size that is not known is left out. */
export type OverLimit = {
  max: number;
  bytes?: number | undefined;
};

/** The size of a file over a limit: `26.5 MiB`, or exactly where it would read like the limit. */
export const sizeOver = {
  en: (bytes: number, max: number) => (isLike(bytes, max) ? size.en(bytes) : roughSize(bytes)),
  zh: (bytes: number, max: number) => (isLike(bytes, max) ? size.zh(bytes) : roughSize(bytes)),
};

const isLike = (bytes: number, max: number) => bytes < 1024 || roughSize(bytes) === roughSize(max);

/** What follows the subject of a sentence about a file over the limit of the server. */
export const overLimit = {
  en: ({ max, bytes }: OverLimit) =>
    bytes === undefined
      ? `is larger than ${size.en(max)}, the limit of this server.`
      : `has ${sizeOver.en(bytes, max)}, more than ${size.en(max)}, the limit of this server.`,
  zh: ({ max, bytes }: OverLimit) =>
    bytes === undefined
      ? `超过上限 ${size.zh(max)}，请压缩后重传。`
      : ` ${sizeOver.zh(bytes, max)}，上限 ${size.zh(max)}，请压缩后重传。`,
};

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
