import { compareUtf8 } from '../store/utf8-order.js';

/** `after` is the last key or common prefix of the previous page, `''` for the first page. */
export type PageQuery = { prefix: string; delimiter: string; after: string; maxKeys: number };
/** `last` is the last key or common prefix: the `after` of the next page. */
export type Page = { keys: string[]; commonPrefixes: string[]; last: string; isTruncated: boolean };

/** One page of `sorted` keys. Keys that are equal up to a delimiter after the prefix count as one common prefix. */
export function listPage(sorted: readonly string[], query: PageQuery): Page {
  const page: Page = { keys: [], commonPrefixes: [], last: '', isTruncated: false };
  for (let at = firstAfter(sorted, query.after); at < sorted.length; at++) {
    const key = sorted[at] as string;
    if (!key.startsWith(query.prefix)) {
      if (compareUtf8(key, query.prefix) > 0) break;
      continue;
    }
    const common = commonPrefix(key, query);
    const item = common ?? key;
    if (item === page.last || item === query.after) continue;
    if (page.keys.length + page.commonPrefixes.length === query.maxKeys) {
      page.isTruncated = true;
      break;
    }
    page.last = item;
    (common === undefined ? page.keys : page.commonPrefixes).push(item);
  }
  return page;
}

function commonPrefix(key: string, { prefix, delimiter }: PageQuery): string | undefined {
  const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function firstAfter(sorted: readonly string[], after: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareUtf8(sorted[middle] as string, after) > 0) high = middle;
    else low = middle + 1;
  }
  return after === '' ? 0 : low;
}
