import type { RedisConnection } from '@pixdock/shared/runtime/redis';

const REPORT_EVERY_MS = 1000;

/** What is counted: for how many seconds, and a name that no other counts have. */
export interface Counted {
  name: string;
  windowSeconds: number;
}

/** The calls of one owner in the present window. */
interface Count {
  key: string;
  windowMs: number;
  /** As Redis last counted them, in all processes. */
  reported: number;
  /** Those of this process since then. */
  unreported: number;
  endsAt: number;
}

export interface SharedCounts {
  /** Counts a call at once; returns how many there are in the window, and when it ends. */
  count(owner: string, counted: Counted): { used: number; secondsLeft: number };
  stop(): void;
}

/**
 * Counts calls of owners in fixed windows, in all processes. Each process adds its own to Redis once a second, so that no call
 * waits for it: within a second, an owner may get as many calls too many as the other processes served. Without Redis, each process
 * counts its own.
 */
export function openSharedCounts(redis: RedisConnection, prefix: string): SharedCounts {
  const counts = new Map<string, Count>();
  const reporting = setInterval(() => {
    for (const [key, count] of counts)
      if (performance.now() >= count.endsAt) counts.delete(key);
      else if (count.unreported > 0) report(count).catch(() => {});
  }, REPORT_EVERY_MS).unref();

  async function report(count: Count): Promise<void> {
    const { key, windowMs, unreported } = count;
    count.reported += unreported;
    count.unreported = 0;
    const transaction = redis.multi().set(key, 0, 'PX', windowMs, 'NX').incrby(key, unreported).pttl(key);
    const [, [, total] = [], [, ttlMs] = []] = (await transaction.exec()) ?? [];
    if (typeof total !== 'number') return;
    count.reported = total;
    count.endsAt = performance.now() + Number(ttlMs);
  }

  return {
    count(owner, { name, windowSeconds }) {
      const key = `${prefix}:rate:${name}:${owner}`;
      const now = performance.now();
      let count = counts.get(key);
      if (count === undefined || now >= count.endsAt) {
        const windowMs = windowSeconds * 1000;
        count = { key, windowMs, reported: 0, unreported: 0, endsAt: now + windowMs };
        counts.set(key, count);
      }
      count.unreported++;
      const msLeft = Math.round(count.endsAt - now);
      const secondsLeft = Math.max(1, Math.ceil(msLeft / 1000));
      return { used: count.reported + count.unreported, secondsLeft };
    },
    stop: () => clearInterval(reporting),
  };
}
