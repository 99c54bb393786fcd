import type { ObjectSet } from '../object-sets.js';

/** Merges record ids and object sets, both sorted by id, into one set per image. */
export async function* mergeById(
  ids: readonly string[],
  sets: AsyncIterable<ObjectSet>,
): AsyncGenerator<ObjectSet> {
  let next = 0;
  function* withoutObjects(isBefore: (id: string) => boolean) {
    for (let id = ids[next]; id !== undefined && isBefore(id); id = ids[++next]) yield { id, objects: [] };
  }
  for await (const set of sets) {
    yield* withoutObjects((id) => id < set.id);
    if (ids[next] === set.id) next++;
    yield set;
  }
  yield* withoutObjects(() => true);
}
