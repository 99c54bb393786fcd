/** Reads once for all callers within `freshMs`, and again after a failure. */
export function fresh<T>(read: () => Promise<T>, freshMs = 1000): () => Promise<T> {
  let latest: Promise<T> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (latest !== null && performance.now() - readAt < freshMs) return latest;
    readAt = performance.now();
    latest = read();
    latest.catch(() => {
      readAt = Number.NEGATIVE_INFINITY;
    });
    return latest;
  };
}
