import type { ObjectSet } from '../object-sets.js';

/** Everything that has a record, an object or both, once each; both come sorted by id. */
export async function* pair(
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
