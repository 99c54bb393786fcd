import { hostname } from 'node:os';
import { z } from 'zod';
import { clockAheadMs, nowMs, setRedisTime, sleep } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import type { Epoch } from '../epoch.js';
import { recordKeys } from '../record-keys.js';

const READ_EVERY_MS = 60_000;
const RETRY_MS = 2000;
/** A later reply says too little about the time at its arrival: the error is up to half of this, less than `nowMs` tolerates. */
const LATE_MS = 200;
/** A host whose clock differs by more is reported. */
const REPORT_ABOVE_MS = 2000;
/** Three reads. A host that stopped is reported for this time. */
const REPORTED_MS = 180_000;

/** A host whose clock differs from that of Redis; behind it if negative. */
export interface WrongClock {
  host: string;
  aheadMs: number;
}

/**
 * Reads the clock of Redis for `nowMs`: at once if Redis is there, at each new connection, and each minute. Reports this host to Redis
 * while its clock differs.
 * @returns a function that stops
 */
export async function followRedisClock(
  redis: RedisConnection,
  prefix: string,
  epoch: Pick<Epoch, 'time'>,
): Promise<() => void> {
  const { clocks } = recordKeys(prefix);
  const stopping = new AbortController();
  const { signal } = stopping;

  async function read(): Promise<boolean> {
    const sentMs = performance.now();
    const timeMs = await epoch.time();
    const tookMs = performance.now() - sentMs;
    if (tookMs > LATE_MS || signal.aborted) return false;
    setRedisTime(timeMs + tookMs / 2);
    const aheadMs = Math.round(clockAheadMs());
    if (Math.abs(aheadMs) > REPORT_ABOVE_MS) {
      await redis.hset(clocks, hostname(), JSON.stringify({ aheadMs, atMs: nowMs() }));
      await redis.pexpire(clocks, REPORTED_MS);
    }
    return true;
  }

  const tryToRead = () => read().catch(() => false);
  async function readAgain(isRead: boolean): Promise<void> {
    for (let last = isRead; !signal.aborted; last = await tryToRead())
      await sleep(last ? READ_EVERY_MS : RETRY_MS, signal);
  }

  const onReady = () => void tryToRead();
  const isRead = redis.status === 'ready' && (await tryToRead());
  redis.on('ready', onReady);
  void readAgain(isRead);
  return () => {
    stopping.abort();
    setRedisTime(null);
    redis.off('ready', onReady);
  };
}

const reportSchema = z.object({ aheadMs: z.int(), atMs: z.int() });

/** The hosts that reported lately that their clock differs. */
export async function readWrongClocks(redis: RedisConnection, prefix: string): Promise<WrongClock[]> {
  const reports = await redis.hgetall(recordKeys(prefix).clocks);
  return Object.entries(reports).flatMap(([host, text]) => {
    const { aheadMs, atMs } = reportSchema.parse(JSON.parse(text));
    return nowMs() - atMs < REPORTED_MS ? [{ host, aheadMs }] : [];
  });
}
