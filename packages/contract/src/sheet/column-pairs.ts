/** A header and the field that its columns have. */
interface ColumnPair {
  /** As it was written. */
  pair: string;
  /** Empty if the pair is malformed, and so may the field be. */
  header: string;
  field: string;
}

/**
 * Splits `Picture (front, white):url,Number:externalId`. The last colon of a pair parts its header from its field. A comma ends a
 * pair only after a colon, so headers may contain commas.
 */
export function splitPairs(text: string): ColumnPair[] {
  const pairs: ColumnPair[] = [];
  let begun: string | null = null;
  for (const piece of text.split(',')) {
    const pair: string = begun === null ? piece : `${begun},${piece}`;
    const colon = pair.lastIndexOf(':');
    begun = colon === -1 ? pair : null;
    if (colon !== -1)
      pairs.push({ pair, header: pair.slice(0, colon).trim(), field: pair.slice(colon + 1).trim() });
  }
  if (begun !== null) pairs.push({ pair: begun, header: '', field: '' });
  return pairs;
}
