// White space and commas are part of many addresses, so they part two only where the next one begins after them.
const BETWEEN = /[\r\n|]|[\s,;，；](?=https?:\/\/)/i;
const LEFT_OVER = /\s?[,;，；]$/;

/** The addresses in a cell, of which shop systems write several into one. */
export function splitUrls(cell: string): string[] {
  const parts = cell.split(BETWEEN).map((part) => part.trim());
  return parts
    .map((part, i) => (i === parts.length - 1 ? part : part.replace(LEFT_OVER, '')))
    .filter((part) => part !== '');
}
