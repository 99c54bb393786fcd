import { sortedEntries } from '../../runtime/sorted-entries.js';

/** Far more than any known batch has. */
export const MAX_HEADER_SETS = 1000;
/** For all header sets of a batch, which a worker has in memory: 256 bytes for each of 1,000 sets. */
export const MAX_HEADER_BYTES = 256 * 1024;

const NO_HEADERS = '{}';

/** Collects the distinct sets of request headers of a batch. */
export function openHeaderSets() {
  const numbers = new Map<string, number>();
  let bytes = 0;
  // The order of headers does not matter.
  function textOf(headers: Record<string, string>): string {
    const entries = sortedEntries(headers);
    return entries.length === 0 ? NO_HEADERS : JSON.stringify(Object.fromEntries(entries));
  }
  const bytesOf = (text: string) => Buffer.byteLength(text) + ','.length;

  return {
    takes(headers: Record<string, string>): boolean {
      const text = textOf(headers);
      if (text === NO_HEADERS || numbers.has(text)) return true;
      return numbers.size < MAX_HEADER_SETS && bytes + bytesOf(text) <= MAX_HEADER_BYTES;
    },
    /** Number of the set; null for no headers. */
    numberOf(headers: Record<string, string>): number | null {
      const text = textOf(headers);
      if (text === NO_HEADERS) return null;
      const known = numbers.get(text);
      if (known !== undefined) return known;
      bytes += bytesOf(text);
      numbers.set(text, numbers.size);
      return numbers.size - 1;
    },
    bytes: () => bytes,
    text: () => `[${[...numbers.keys()].join(',')}]`,
  };
}

export type HeaderSets = ReturnType<typeof openHeaderSets>;
