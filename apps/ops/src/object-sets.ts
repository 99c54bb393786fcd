import { isPrivateKey } from '@pixdock/contract/visibility';
import type { ListedObject, ObjectStore } from '@pixdock/object-store/types';

/** All listed objects of one image. */
export interface ObjectSet {
  id: string;
  objects: ListedObject[];
}

export interface ImageKey {
  id: string;
  variant: string;
}

/** Parses a key into its image and variant; null if Pixdock did not create it. */
export function parseKey(prefix: string, key: string): ImageKey | null {
  if (!key.startsWith(prefix)) return null;
  const [, shard = '', hex = '', variant = ''] = OBJECT_KEY.exec(key.slice(prefix.length)) ?? [];
  return variant !== '' && hex.startsWith(shard) ? { id: `img_${hex}`, variant } : null;
}

const OBJECT_KEY = /^([0-9a-f]{2})\/([0-9a-f]{32})\/([a-z][a-z0-9-]{0,31})\.[a-z]+$/;

/** Lists the objects below a prefix, apart from those below longer prefixes, which are listed on their own. */
export async function* listBelow(
  store: ObjectStore,
  prefix: string,
  prefixes: readonly string[],
  after: string | null = null,
): AsyncGenerator<ListedObject> {
  const isInner = (other: string) =>
    other !== prefix && other.startsWith(prefix) && isPrivateKey(other) === isPrivateKey(prefix);
  const inner = prefixes.filter(isInner);
  for (let from = after; ; ) {
    let skipped: string | undefined;
    for await (const object of store.list(prefix, from)) {
      skipped = inner.find((other) => object.key.startsWith(other));
      if (skipped !== undefined) break;
      yield object;
    }
    if (skipped === undefined) return;
    // "0" follows "/".
    from = `${skipped.slice(0, -1)}0`;
  }
}

/** Groups a sorted listing by image; calls `onForeign` for keys that Pixdock did not create. */
export async function* objectSets(
  prefix: string,
  listing: AsyncIterable<ListedObject>,
  onForeign: (key: string) => void,
): AsyncGenerator<ObjectSet> {
  let id = '';
  let objects: ListedObject[] = [];
  for await (const object of listing) {
    const parsed = parseKey(prefix, object.key);
    if (parsed === null) {
      onForeign(object.key);
      continue;
    }
    if (parsed.id !== id) {
      if (objects.length > 0) yield { id, objects };
      id = parsed.id;
      objects = [];
    }
    objects.push(object);
  }
  if (objects.length > 0) yield { id, objects };
}

/** Merges listings of several places, each sorted by id, into one set per image. */
export async function* mergeSets(listings: readonly AsyncGenerator<ObjectSet>[]): AsyncGenerator<ObjectSet> {
  const next = await Promise.all(listings.map((listing) => listing.next()));
  try {
    for (;;) {
      const heads = next.map(({ done, value }) => (done === true ? null : value));
      const id = heads.reduce<string | null>(
        (least, set) => (set !== null && (least === null || set.id < least) ? set.id : least),
        null,
      );
      if (id === null) return;
      const ofImage = heads.map((set) => (set?.id === id ? set : null));
      yield { id, objects: ofImage.flatMap((set) => set?.objects ?? []) };
      for (const [i, listing] of listings.entries()) if (ofImage[i] !== null) next[i] = await listing.next();
    }
  } finally {
    for (const listing of listings) await listing.return(undefined);
  }
}

/** Whether a key names the object of a variant `main`. */
export const isMainKey = (key: string) => /\/main\.[a-z]+$/.test(key);
