/** Serializes tasks with the same name; tasks with different names run concurrently. */
export function createKeyLock(): <T>(name: string, task: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const running = (tails.get(name) ?? Promise.resolve()).then(task);
    const tail = running.catch(() => undefined);
    tails.set(name, tail);
    try {
      return await running;
    } finally {
      if (tails.get(name) === tail) tails.delete(name);
    }
  };
}
