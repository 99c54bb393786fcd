import { MAX_ROW_ITEMS } from '@pixdock/shared/state/manifest/stored';

// White space and commas are part of many URLs, so they separate two URLs only directly before http(s)://.
const BETWEEN = /[\r\n|]|[\s,;，；、](?=https?:\/\/)/i;
const LEFT_OVER = /\s?[,;，；、]$/;

/** Parts of a cell that are read, including blank ones. */
const MAX_PARTS = 10 * MAX_ROW_ITEMS;

/** Splits a cell into URLs: shop systems write several into one cell. MAX_PARTS truncates it to more than MAX_ROW_ITEMS. */
export function splitUrls(cell: string): string[] {
  const parts = cell.split(BETWEEN, MAX_PARTS).map((part) => part.trim());
  if (parts.length === MAX_PARTS) return parts;
  return parts
    .map((part, i) => (i === parts.length - 1 ? part : part.replace(LEFT_OVER, '')))
    .filter((part) => part !== '');
}
