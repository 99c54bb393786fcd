/**
 * Coalesces the reads of one id in the same tick of the event loop. The shared read begins after the last of these calls, so
 * its state is as new as that of separate reads.
 */
export function coalesceReads<T>(read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const pending = new Map<string, Promise<T>>();
  return (id) => {
    const shared = pending.get(id);
    if (shared !== undefined) return shared;
    const made = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
      pending.delete(id);
      return read(id);
    });
    pending.set(id, made);
    return made;
  };
}
