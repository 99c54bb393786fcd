import type { ListedObject } from '@pixdock/object-store/types';

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
