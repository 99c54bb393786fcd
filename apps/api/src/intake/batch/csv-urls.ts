// A comma or semicolon is part of many addresses, so it parts two only where the next one begins after it.
const BETWEEN = /[\s|]+|[,;，；](?=\s*https?:\/\/)/i;

/** The addresses in a cell, of which shop systems write several into one. */
export function splitUrls(cell: string): string[] {
  return cell.split(BETWEEN).filter((part) => part !== '');
}
