import type { ListedObject } from '@pixdock/object-store/types';

/** All objects of one image that a listing told of. */
export interface ObjectSet {
  id: string;
  objects: ListedObject[];
}

export interface ImageKey {
  id: string;
  variant: string;
}

/** Which image and variant a key of ours is of; null when it is none of ours. */
export function parseKey(prefix: string, key: string): ImageKey | null {
  if (!key.startsWith(prefix)) return null;
  const [, shard = '', hex = '', variant = ''] = OBJECT_KEY.exec(key.slice(prefix.length)) ?? [];
  return variant !== '' && hex.startsWith(shard) ? { id: `img_${hex}`, variant } : null;
}

const OBJECT_KEY = /^([0-9a-f]{2})\/([0-9a-f]{32})\/([a-z][a-z0-9-]{0,31})\.[a-z]+$/;

/** A listing in the order of its keys, image by image; `onForeign` hears of each key that is none of ours. */
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
