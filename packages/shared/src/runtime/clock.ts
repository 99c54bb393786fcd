/** A smaller difference is that of the measurement, or harms nothing. */
const TOLERANCE_MS = 200;

/** The time of Redis when this process read it, and by its own steady clock. */
let read: { redisMs: number; atMs: number } | null = null;

/**
 * The time for everything that another process or Redis compares with its own: by the clock of Redis, which all hosts share. That of
 * this host as long as it agrees, or until a time of Redis is known.
 */
export function nowMs(): number {
  const ownMs = Date.now();
  const aheadMs = clockAheadMs();
  return Math.abs(aheadMs) < TOLERANCE_MS ? ownMs : Math.round(ownMs - aheadMs);
}

/** How far the clock of this host is ahead of that of Redis; 0 until a time of Redis is known. */
export function clockAheadMs(): number {
  if (read === null) return 0;
  return Date.now() - (read.redisMs + performance.now() - read.atMs);
}

/** Notes the present time of Redis; without it, this host counts as right. */
export function setRedisTime(redisMs: number | null): void {
  read = redisMs === null ? null : { redisMs, atMs: performance.now() };
}

/** A time in the format of the wire: RFC 3339 in UTC. */
export function isoTime(ms: number = nowMs()): string {
  return new Date(ms).toISOString();
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** The delay in ms before an attempt (from 1): exponential, with a random half. */
export function backoffMs(attempt: number, baseMs: number, capMs: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}
