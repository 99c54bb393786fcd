import { compareUtf8 } from './utf8-order.js';

/** The keys of one bucket in the order of OSS. The first `sorted` reads them from disk. */
export type KeyIndex = {
  add(key: string): Promise<void>;
  remove(key: string): Promise<void>;
  sorted(): Promise<readonly string[]>;
};

/** `scan` reads the keys from disk. Call `add` and `remove` after changing the disk, so that a running scan misses nothing. */
export function createKeyIndex(scan: () => Promise<string[]>): KeyIndex {
  let keys: Promise<Set<string>> | undefined;
  let sorted: readonly string[] | undefined;
  return {
    async add(key) {
      const known = await keys;
      if (!known || known.has(key)) return;
      known.add(key);
      sorted = undefined;
    },
    async remove(key) {
      if ((await keys)?.delete(key)) sorted = undefined;
    },
    async sorted() {
      keys ??= scan().then((found) => new Set(found));
      const known = await keys;
      return (sorted ??= [...known].toSorted(compareUtf8));
    },
  };
}
