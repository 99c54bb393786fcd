import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import { orNull } from '../../runtime/redis-patience.js';
import { loadScript } from '../../runtime/scripts.js';
import { recordKeys } from '../record-keys.js';

/** After this time, the reservations of a process that died are free. */
const LEASE_MS = 10_000;
/** Until other processes know what this one has released and stored. */
const REPORT_MS = 250;
/** Once a second: for so long, a Redis that was emptied lacks the reservations of others. */
const REPORTS_PER_RENEWAL = 4;
/** While Redis hangs, only one reservation in this time waits for it. */
const HANGING_MS = 1000;

/** The reservations of this process, beside those of all others of its kind. */
export interface SharingParts {
  redis: RedisConnection;
  prefix: string;
  /** APIs reserve for uploads, workers for the sources and outputs that they write. */
  kind: 'uploads' | 'work';
  /** Ids of the uploads in progress at this process, with the bytes of each that are not reserved. */
  uploads?: ReadonlyMap<string, number>;
}

export interface SharedBytes {
  /** Reserves bytes; false if all processes together would have too many, or if Redis has lost how many there are. */
  reserve(bytes: number): Promise<boolean>;
  /** Ends a reservation; `stored` of its bytes remain in use. */
  release(bytes: number, stored: number): void;
  /** Bytes that all processes have stored. Only the difference of two values has a meaning. */
  stored(): number;
  /** Bytes that all processes have reserved. */
  reserved(): number;
  /** Reads what other processes have reserved and stored. */
  refresh(): Promise<void>;
  /** How often Redis has lost what processes stored; the files must be counted again then. */
  losses(): number;
  /** The uploads in progress at other processes. */
  uploadsOfOthers(): Promise<ReadonlyMap<string, number>>;
  stop: () => void;
}

type Fields = Record<'process' | 'uploads', string> &
  Record<'stored' | 'reserved' | 'asked' | 'most' | 'ttlMs', number>;
type Reply = [began: string, stored: number, others: number, bytes: number];

const uploadsSchema = z.record(z.string(), z.number());

/**
 * Adds up in Redis what all processes have reserved and stored. While Redis does not respond, each process knows the others as they
 * last were.
 * @param most reserved and stored bytes that there may be
 */
export function openSharedBytes(
  { redis, prefix, kind, uploads = new Map() }: SharingParts,
  most: () => number,
): SharedBytes {
  const reserveBytes = loadScript<Fields, Reply>('reserve-bytes');
  const keys = recordKeys(prefix);
  const reservers = keys.stagingReservers(kind);
  const process = randomUUID();
  let reserved = 0;
  /** The part of it that waits for the response of Redis. */
  let asking = 0;
  /** Stored bytes that Redis does not have yet. */
  let unreported = 0;
  /** Reserved and unreported bytes up to which no call is needed. */
  let granted = 0;
  let inRedis = { began: '', stored: 0, others: 0 };
  /** Continues the sum when Redis begins another one. */
  let offset = 0;
  let losses = 0;
  let isChanged = false;
  let hangsUntil = 0;
  let last: Promise<unknown> = Promise.resolve();

  const stored = () => offset + inRedis.stored + unreported;

  /** One call at a time, since each replaces what Redis has of this process. False as for `reserve`. */
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
    async reserve(bytes) {
      isChanged = true;
      reserved += bytes;
      if (reserved + unreported <= granted) return true;
      asking += bytes;
      const isGranted = await report(bytes);
      asking -= bytes;
      if (!isGranted) reserved -= bytes;
      return isGranted;
    },
    release(bytes, storedBytes) {
      isChanged = true;
      reserved -= bytes;
      unreported += storedBytes;
    },
    stored,
    reserved: () => reserved + inRedis.others,
    refresh: async () => void (await report(0)),
    losses: () => losses,
    async uploadsOfOthers() {
      if (redis.status !== 'ready') return new Map();
      const ids = ((await orNull(redis.smembers(reservers))) ?? []).filter((id) => id !== process);
      const read = Promise.all(ids.map((id) => redis.hget(`${reservers}:${id}`, 'uploads')));
      const found = ((await orNull(read)) ?? []).map((text) => uploadsSchema.parse(JSON.parse(text ?? '{}')));
      return new Map(found.flatMap(Object.entries<number>));
    },
    stop() {
      clearInterval(reporting);
      report(0).catch(() => {});
    },
  };
}
