import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import { orNull } from '../../runtime/redis-patience.js';
import { loadScript } from '../../runtime/scripts.js';
import { recordKeys } from '../record-keys.js';

/** The reservations of a dead process are released after this time. */
const LEASE_MS = 10_000;
/** Interval at which a process reports released and stored bytes to the others. */
const REPORT_MS = 250;
/** A renewal each second: an emptied Redis lacks the reservations of other processes for this long. */
const REPORTS_PER_RENEWAL = 4;
/** While Redis hangs, one reservation per this time waits for it. */
const HANGING_MS = 1000;

export interface SharingParts {
  redis: RedisConnection;
  prefix: string;
  /** APIs reserve for uploads, workers for the sources and outputs that they write. */
  kind: 'uploads' | 'work';
  /** Ids of the uploads in progress at this process, with the bytes of each that are not reserved. */
  uploads?: ReadonlyMap<string, number>;
}

/** The sum of stored bytes in Redis, and when it began: an emptied Redis begins a new one. */
export const storedSumSchema = z.object({ began: z.string(), stored: z.number() });
export type StoredSum = z.output<typeof storedSumSchema>;

type Reply = [began: string, stored: number, others: number, bytes: number];

const uploadsSchema = z.record(z.string(), z.number());

/**
 * Adds up in Redis the bytes that all processes have reserved and stored. While Redis does not respond, each process uses the last
 * known sums of the others.
 * @param most limit on reserved and stored bytes
 */
export function openSharedBytes(
  { redis, prefix, kind, uploads = new Map() }: SharingParts,
  most: () => number,
) {
  const reserveBytes = loadScript<Reply>('reserve-bytes');
  const keys = recordKeys(prefix);
  const reservers = keys.stagingReservers(kind);
  const process = randomUUID();
  let reserved = 0;
  /** The part of `reserved` for which the response of Redis is pending. */
  let asking = 0;
  /** Stored bytes that are not yet in Redis. */
  let unreported = 0;
  /** Up to this many reserved and unreported bytes, no call is needed. */
  let granted = 0;
  let inRedis = { began: '', stored: 0, others: 0 };
  /** Added to the sum in Redis, so that `stored()` continues when Redis begins a new sum. */
  let offset = 0;
  let losses = 0;
  let isChanged = false;
  let hangsUntil = 0;
  let last: Promise<unknown> = Promise.resolve();

  const stored = () => offset + inRedis.stored + unreported;

  /** Makes one call at a time, since each overwrites the data of this process in Redis. Returns false as `reserve` does. */
  function report(asked: number): Promise<boolean> {
    const reporting = last.then(() => call(asked));
    last = reporting.catch(() => {});
    return reporting;
  }

  async function call(asked: number): Promise<boolean> {
    if (asked > 0 && reserved + unreported <= granted) return true;
    if (redis.status !== 'ready' || performance.now() < hangsUntil) return true;
    isChanged = false;
    const [before, reporting, kept] = [stored(), unreported, reserved - asking];
    const fields = {
      process,
      uploads: JSON.stringify(Object.fromEntries(uploads)),
      stored: reporting,
      reserved: Math.ceil(kept),
      asked: Math.ceil(asked),
      most: Math.floor(most() - offset),
      ttlMs: LEASE_MS,
    };
    const reply = await orNull(reserveBytes(redis, [keys.stagingBytes(kind), reservers], fields));
    if (reply === null) {
      isChanged = true;
      hangsUntil = performance.now() + HANGING_MS;
      return true;
    }
    const [began, storedNow, others, bytes] = reply;
    const isLost = began !== inRedis.began;
    unreported -= reporting;
    inRedis = { began, stored: storedNow, others };
    granted = isLost ? 0 : bytes;
    if (!isLost) return bytes >= kept + asked;
    offset = before - storedNow;
    losses++;
    return false;
  }

  let reports = 0;
  const reporting = setInterval(() => {
    const isRenewal = ++reports % REPORTS_PER_RENEWAL === 0 && (granted > 0 || uploads.size > 0);
    if (isChanged || isRenewal) report(0).catch(() => {});
  }, REPORT_MS).unref();

  return {
    /** Reserves bytes. Returns false if all processes together would exceed the limit, or if Redis has lost the sum. */
    async reserve(bytes: number): Promise<boolean> {
      isChanged = true;
      reserved += bytes;
      if (reserved + unreported <= granted) return true;
      asking += bytes;
      const isGranted = await report(bytes);
      asking -= bytes;
      if (!isGranted) reserved -= bytes;
      return isGranted;
    },
    /** Ends a reservation; `stored` of its bytes remain in use. */
    release(bytes: number, storedBytes: number): void {
      isChanged = true;
      reserved -= bytes;
      unreported += storedBytes;
    },
    /** Bytes that all processes have stored. Only the difference of two values is meaningful. */
    stored,
    /** The sum in Redis at the last call. */
    sum: (): StoredSum => ({ began: inRedis.began, stored: inRedis.stored }),
    /** What `stored` returned when this was the sum; if Redis has begun a new one, what it returns now. */
    storedAt: (sum: StoredSum) => (sum.began === inRedis.began ? offset + sum.stored : stored()),
    /** Bytes that all processes have reserved. */
    reserved: () => reserved + inRedis.others,
    /** Reads the reserved and stored bytes of other processes. */
    refresh: async () => void (await report(0)),
    /** How often Redis has lost the sum of stored bytes; after a loss the files must be counted again. */
    losses: () => losses,
    /** The uploads in progress at other processes. */
    async uploadsOfOthers(): Promise<ReadonlyMap<string, number>> {
      if (redis.status !== 'ready') return new Map();
      const ids = ((await orNull(redis.smembers(reservers))) ?? []).filter((id) => id !== process);
      const read = Promise.all(ids.map((id) => redis.hget(`${reservers}:${id}`, 'uploads')));
      const found = ((await orNull(read)) ?? []).map((text) => uploadsSchema.parse(JSON.parse(text ?? '{}')));
      return new Map(found.flatMap(Object.entries<number>));
    },
    stop: () => {
      clearInterval(reporting);
      report(0).catch(() => {});
    },
  };
}
