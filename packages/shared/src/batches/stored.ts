import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ManifestItem, manifestItemSchema } from '../contract/batch.js';
import type { Origin } from '../contract/source.js';

/** Bytes of the index for each item: where its line begins, and a digest by which equal sources are found. */
export const INDEX_BYTES = 16;

/** An item as its line has it: its request headers lie apart, so that they can go before the rest does. */
export const storedItemSchema = manifestItemSchema.extend({
  /** Which of the batch's header sets its source is fetched with. */
  headerSet: z.int().nonnegative().nullable().default(null),
});
export type StoredItem = z.output<typeof storedItemSchema>;

export const headerSetsSchema = z.array(z.record(z.string(), z.string()));

/** What items that need only one fetch have in common; null when the source is no address. */
export function sourceKey({ origin, sha256 }: Pick<ManifestItem, 'origin' | 'sha256'>): string | null {
  if (origin?.kind !== 'url') return null;
  return sha256 === null ? addressKey(origin) : `sha256 ${sha256}`;
}

/** What a fetch is made of: the address, of which the fragment is not sent, and the headers sent there. */
export function addressKey({ url, headers }: Extract<Origin, { kind: 'url' }>): string {
  return `url ${url.replace(/#.*$/s, '')} ${JSON.stringify(Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** 8 bytes; zeros where there is no key. */
export function keyDigest(key: string | null): Buffer {
  return key === null ? Buffer.alloc(8) : createHash('sha256').update(key).digest().subarray(0, 8);
}
