import { setTimeout as sleep } from 'node:timers/promises';
import type { LastCount } from './last-count.js';
import { openSharedBytes, type SharingParts } from './shared-bytes.js';

/** A request is refused only by a count that is not older than this. */
const REFRESH_MS = 5000;
/** Share of the time spent on counting while there is space: the cost of a count grows with the number of waiting files. */
const COUNTING_SHARE = 1 / 20;
/**
 * While there is space, a count rests four times as long as it works: without rests, every request would wait longer for the
 * seconds that a count of tens of thousands of files takes.
 */
const REST = 4;
const WORK_MS = 5;
/** A step takes seconds on a disk that hangs. A refusal cannot end a rest that has begun. */
const MAX_REST_MS = 200;
/** A count of tens of thousands of files takes seconds; a refusal waits no longer than this. */
const MAX_WAIT_MS = 1000;
/** Tries of a reservation when other processes keep taking the free bytes. */
const MAX_TRIES = 3;

export interface Count {
  usedBytes: number;
  limitBytes: number;
}

/** Reserved bytes. `release` ends the reservation; `stored` of the bytes remain in use. */
export interface Reservation {
  bytes: number;
  release: (stored: number) => void;
}

/** A count calls it between its steps, and waits until it resolves. */
export type Pace = () => Promise<void>;

/**
 * Begins a count of the files: `count` counts them, `use` takes the result, or that of an earlier process.
 * @param uploadsOfOthers uploads in progress at other processes; their reservations count instead of their files
 */
export type BeginCount<Files> = (uploadsOfOthers: ReadonlyMap<string, number>) => {
  count: (pace: Pace) => Promise<Files>;
  use: (files: Files) => Count;
};

/**
 * Limits the sum of the bytes of the last count, the bytes that all processes stored since, and the bytes that they have reserved.
 * The next count shows removed files.
 * @param last the last count of an earlier process, with which this one begins
 */
export function openReservations<Files>(
  sharing: SharingParts,
  beginCount: BeginCount<Files>,
  last: LastCount<Files>,
) {
  let counted = { usedBytes: 0, limitBytes: 0, stored: 0, losses: 0 };
  /** Limit on reserved and stored bytes until the next count. */
  const most = () => counted.limitBytes - counted.usedBytes + counted.stored;
  const shared = openSharedBytes(sharing, most);
  const free = () => most() - shared.stored() - shared.reserved();
  let countedAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let counting: Promise<void> | null = null;
  /** Whether a request waits for the count in progress. */
  let isAwaited = false;

  async function recount(): Promise<void> {
    await shared.refresh();
    const before = { stored: shared.stored(), losses: shared.losses() };
    const sum = shared.sum();
    const { count, use } = beginCount(await shared.uploadsOfOthers());
    const begunAt = performance.now();
    let workedSince = begunAt;
    let restedMs = 0;
    const files = await count(async () => {
      const workedMs = performance.now() - workedSince;
      if (isAwaited || workedMs < WORK_MS) return;
      await sleep(Math.min(REST * workedMs, MAX_REST_MS), undefined, { ref: false });
      restedMs += performance.now() - workedSince - workedMs;
      workedSince = performance.now();
    });
    counted = { ...use(files), ...before };
    countedAt = performance.now();
    tookMs = countedAt - begunAt - restedMs;
    await last.write({ files, sum });
  }

  async function recountOnce(): Promise<void> {
    counting ??= recount().finally(() => {
      counting = null;
      isAwaited = false;
    });
    await counting;
  }

  const isLost = () => counted.losses !== shared.losses();
  const isOlderThan = (ms: number) => performance.now() - countedAt >= ms || isLost();

  async function refresh(ageMs = REFRESH_MS): Promise<void> {
    if (!isOlderThan(ageMs)) return;
    isAwaited = true;
    await recountOnce();
  }

  async function refreshBriefly(ageMs = REFRESH_MS): Promise<void> {
    await Promise.race([refresh(ageMs), sleep(MAX_WAIT_MS, undefined, { ref: false })]);
  }

  const refreshEagerly = () => refreshBriefly(Math.min(REFRESH_MS, tookMs / COUNTING_SHARE));

  function refreshLater(): void {
    if (isOlderThan(Math.max(REFRESH_MS, tookMs / COUNTING_SHARE))) recountOnce().catch(() => {});
  }

  async function fits(bytes: number): Promise<boolean> {
    // Only a request that would be refused waits: first for bytes that other processes have released, then for a count.
    if (bytes > free()) await shared.refresh();
    if (bytes > free() || isLost()) await refreshBriefly();
    else refreshLater();
    return bytes <= free();
  }

  return {
    /**
     * Begins with the last count of an earlier process, however many files there are, and counts them meanwhile. Without one it waits for
     * the count.
     */
    async begin(): Promise<void> {
      await shared.refresh();
      const saved = await last.read();
      if (saved === null) return refresh();
      const { use } = beginCount(await shared.uploadsOfOthers());
      counted = { ...use(saved.files), stored: shared.storedAt(saved.sum), losses: shared.losses() };
      refreshLater();
    },
    /** Counts again if the last count is old. */
    refresh,
    /** Begins to count if the last count is old, as far as counting may cost. */
    refreshLater,
    /** As `refresh`, but waits no longer than a refusal may take. */
    refreshBriefly,
    /** As `refreshBriefly`, also if the last count is only not new, unless counting takes long. */
    refreshEagerly,
    /** Whether this many bytes are free. */
    fits,
    /** Free bytes, by the last count. */
    free,
    /** Reserves up to `most` bytes, as many as are free; null if fewer than `least` are free. */
    async take(least: number, wanted: number = least): Promise<Reservation | null> {
      // Other requests and other processes may take the bytes in the meantime.
      for (let tries = 0; tries < MAX_TRIES && (await fits(least)) && least <= free(); tries++) {
        const bytes = Math.max(least, Math.min(wanted, free()));
        if (await shared.reserve(bytes)) return { bytes, release: (stored) => shared.release(bytes, stored) };
      }
      return null;
    },
    stop: shared.stop,
  };
}
