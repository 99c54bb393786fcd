/**
 * Longest wait for Redis to count a lease or a reservation; then this process counts it. A 503 while Redis hangs takes 1.25 s: this time
 * for the lease of the request, and one second for the first command that needs Redis.
 */
const REDIS_PATIENCE_MS = 250;

/** Null when Redis does not respond in time. */
export async function orNull<T>(command: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), REDIS_PATIENCE_MS);
  });
  try {
    return await Promise.race([command.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
