import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Reads the ids of one turn of the event loop together, each id once, because a command to Redis is half of a poll's cost.
 * The read begins after the last of these calls, so its states are as new as those of separate reads.
 * @param readMany returns the states in the order of the ids; an error is thrown to the callers of its id
 */
export function readTogether<T>(
  readMany: (ids: readonly string[]) => Promise<readonly (T | Error)[]>,
): (id: string) => Promise<T> {
  let current: { ids: Set<string>; states: Promise<ReadonlyMap<string, T | Error>> } | null = null;

  function open() {
    const ids = new Set<string>();
    return { ids, states: readInNextTurn(ids) };
  }

  async function readInNextTurn(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, T | Error>> {
    await nextTurn();
    current = null;
    const states = await readMany([...ids]);
    return new Map([...ids].map((id, i) => [id, states[i] as T | Error]));
  }

  return async (id) => {
    current ??= open();
    const { ids, states } = current;
    ids.add(id);
    const state = (await states).get(id);
    if (state instanceof Error) throw state;
    return state as T;
  };
}
