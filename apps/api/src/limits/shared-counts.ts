import type { RedisConnection } from '@pixdock/shared/runtime/redis';

const WINDOW_MS = 60_000;
const REPORT_EVERY_MS = 1000;

/** An owner's requests in the present window. */
interface Count {
  /** As Redis last counted them, in all processes. */
  reported: number;
  /** Those of this process since then. */
  unreported: number;
  endsAt: number;
}

export interface SharedCounts {
  /** Counts a request at once; returns how many there are in the window, and when it ends. */
  count(owner: string): { used: number; msLeft: number };
  stop(): void;
}

/**
 * Counts the requests of each owner in minutes, in all processes. Each process adds its own to Redis once a second, so that no
 * request waits for it: within a second, an owner may get as many requests too many as the other processes served.
 */
export function openSharedCounts(redis: RedisConnection, prefix: string): SharedCounts {
  const counts = new Map<string, Count>();
  const reporting = setInterval(() => {
    for (const [owner, count] of counts)
      if (performance.now() >= count.endsAt) counts.delete(owner);
      else if (count.unreported > 0) report(owner, count).catch(() => {});
  }, REPORT_EVERY_MS).unref();

  async function report(owner: string, count: Count): Promise<void> {
    const key = `${prefix}:rate:gets:${owner}`;
    const added = count.unreported;
    // Without Redis, this process counts its own.
    count.reported += added;
    count.unreported = 0;
    const transaction = redis.multi().set(key, 0, 'PX', WINDOW_MS, 'NX').incrby(key, added).pttl(key);
    const [, [, total] = [], [, ttlMs] = []] = (await transaction.exec()) ?? [];
    if (typeof total !== 'number') return;
    count.reported = total;
    count.endsAt = performance.now() + Number(ttlMs);
  }

  return {
    count(owner) {
      const now = performance.now();
      let count = counts.get(owner);
      if (count === undefined || now >= count.endsAt) {
        count = { reported: 0, unreported: 0, endsAt: now + WINDOW_MS };
        counts.set(owner, count);
      }
      count.unreported++;
      return { used: count.reported + count.unreported, msLeft: count.endsAt - now };
    },
    stop: () => clearInterval(reporting),
  };
}
