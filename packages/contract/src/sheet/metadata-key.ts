/** The key of a column named `metadata.KEY`; null for another column. */
export function metadataKeyOf(header: string): string | null {
  return /^metadata\.(.+)$/is.exec(header.trim())?.[1] ?? null;
}
