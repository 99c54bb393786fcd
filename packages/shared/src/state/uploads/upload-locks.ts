import { randomUUID } from 'node:crypto';
import { sleep } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';

/** The lock of a process that died expires after this time. */
const LEASE_MS = 6000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/** Longer than a lease, so that a client whose server died gets the lock at its first request. */
const PATIENCE_MS = 8000;
const RETRY_MS = 100;
/** Requests in one process that wait for the same lock; each sends twenty commands to Redis per second. */
const MOST_WAITING = 4;

/** The lock of one upload. Disposal releases it. */
export interface UploadLock extends AsyncDisposable {
  /** Aborts when another request asks for the lock, and when the lock is lost. */
  signal: AbortSignal;
}

/**
 * Locks of uploads in Redis, for all API processes. After a network failure, the server may wait for more bytes on a dead
 * connection. The client's next request then publishes a message, and the holder of the lock ends the old request.
 * If Redis loses a lock, its renewal takes it again. Until then two requests may write the same bytes at the same place.
 */
export function openUploadLocks(redis: RedisConnection, subscriber: RedisConnection, prefix: string) {
  const script = loadScript<-1 | 0 | 1>('compare-and-set');
  const channel = `${prefix}:upload-lock-requests`;
  const held = new Map<string, { token: string; released: AbortController }>();
  const waiting = new Map<string, number>();
  subscriber.on('message', (from: string, message: string) => {
    const [id = '', token] = message.split(' ');
    const lock = from === channel ? held.get(id) : undefined;
    // A request may get the lock before its own message arrives.
    if (lock !== undefined && lock.token !== token) lock.released.abort();
  });
  // ioredis repeats the subscription after each reconnect.
  void subscriber.subscribe(channel).catch(() => {});

  const keyOf = (id: string) => `${prefix}:upload-lock:${id}`;

  /** Takes the lock if it is free or has this token. */
  async function take(id: string, token: string): Promise<boolean> {
    const change = { expected: token, orAbsent: true, value: token, ttlMs: LEASE_MS } as const;
    return (await script(redis, [keyOf(id)], change)) === 1;
  }

  async function takeLater(id: string, token: string, patienceMs: number): Promise<boolean> {
    const end = performance.now() + patienceMs;
    while (performance.now() < end) {
      await redis.publish(channel, `${id} ${token}`);
      await sleep(RETRY_MS);
      if (await take(id, token)) return true;
    }
    return false;
  }

  function hold(id: string, token: string): UploadLock {
    const released = new AbortController();
    held.set(id, { token, released });
    let renewedAt = performance.now();
    const timer = setInterval(() => {
      take(id, token).then(
        (isHeld) => {
          if (isHeld) renewedAt = performance.now();
          else released.abort();
        },
        () => {
          if (performance.now() - renewedAt > LEASE_MS) released.abort();
        },
      );
    }, RENEW_EVERY_MS);
    return {
      signal: released.signal,
      async [Symbol.asyncDispose]() {
        clearInterval(timer);
        if (held.get(id)?.token === token) held.delete(id);
        // A lock that cannot be released expires.
        await script(redis, [keyOf(id)], { expected: token, value: undefined, ttlMs: 0 }).catch(() => {});
      },
    };
  }

  return {
    /** Acquires the lock of an upload, and asks its holder to release it. Null if it does not in time, or if many wait for it. */
    async acquire(id: string, patienceMs: number = PATIENCE_MS): Promise<UploadLock | null> {
      const token = randomUUID();
      if (await take(id, token)) return hold(id, token);
      const others = waiting.get(id) ?? 0;
      if (others >= MOST_WAITING) return null;
      waiting.set(id, others + 1);
      try {
        return (await takeLater(id, token, patienceMs)) ? hold(id, token) : null;
      } finally {
        const remaining = (waiting.get(id) ?? 1) - 1;
        if (remaining === 0) waiting.delete(id);
        else waiting.set(id, remaining);
      }
    },
  };
}

export type UploadLocks = ReturnType<typeof openUploadLocks>;
