import type { Order } from './order.js';

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

/** An index of items. */
export interface OwnIndex<T, E extends { id: string }> {
  order: Order<E>;
  /** Null for an index of the items of all owners. */
  owner: string | null;
  /** Reads the items of its entries; null for those that are gone. */
  read: (ids: readonly string[]) => Promise<readonly (T | null)[]>;
}

/** The part of an index that a page shows. */
export interface Wanted<T> {
  /** The `next` of the page before; null for the first page. */
  cursor: string | null;
  limit: number;
  matches?: (item: T) => boolean;
}

/** Entries per read after the first, which has not filled the page: matches are rare. */
const ROUND = 200;
/** Entries read for one page. */
const MAX_READ = 2000;
/** CPU time of this process, after which no further read begins for a page. A read takes 10 ms, with the largest records 40. */
const MAX_CPU_MS = 100;

/**
 * Reads a page of an index in its order, and removes entries of items that are gone. If few items match, a page may have fewer
 * than `limit` of them, even none, although there is a next page.
 */
export async function readPage<T extends { owner: string }, E extends { id: string }>(
  { order, owner, read }: OwnIndex<T, E>,
  { cursor, limit, matches = () => true }: Wanted<T>,
): Promise<Page<T>> {
  const items: T[] = [];
  let from = cursor === null ? null : order.decode(cursor);
  let last: E | null = null;
  let count = limit + 1;
  const sinceCpuMs = cpuMs();
  for (
    let done = 0;
    done < MAX_READ && cpuMs() - sinceCpuMs < MAX_CPU_MS;
    done += count, count = Math.max(count, ROUND)
  ) {
    const entries = await order.read(from, count);
    const found = await read(entries.map(({ id }) => id));
    const gone = entries.filter((_, i) => found[i] === null);
    if (gone.length > 0) await order.remove(gone);
    for (const [i, item] of found.entries()) {
      from = entries[i] ?? from;
      if (item === null) continue;
      // A cursor would reveal that the index of another owner exists.
      if (owner !== null && item.owner !== owner) return { items: [], next: null };
      if (!matches(item)) continue;
      if (items.length === limit && last !== null) return { items, next: order.encode(last) };
      items.push(item);
      last = from;
    }
    if (entries.length < count) return { items, next: null };
  }
  return { items, next: from === null ? null : order.encode(from) };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
