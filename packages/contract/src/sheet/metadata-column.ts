/** The key of a column named `metadata.KEY`, in any case and with spaces around it, as spreadsheets have it; null for another column. */
export function keyOfMetadataColumn(header: string): string | null {
  return /^metadata\.(.+)$/is.exec(header.trim())?.[1] ?? null;
}
