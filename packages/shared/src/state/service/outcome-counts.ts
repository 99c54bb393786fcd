import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { FINAL_STATUSES, type Status } from '@pixdock/contract/status';
import type { Throughput } from '@pixdock/contract/throughput';
import { isoTime, nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from '../record-keys.js';

/** Outcomes are counted in slots of a minute. */
const SLOT_MS = 60_000;
/** The last hour: the current minute and those before it. */
const SLOTS = 60;
const OUTCOMES_KEPT_MS = 2 * 3600_000;

export interface OutcomeCount {
  status: Status;
  /** Null unless the image failed or was canceled. */
  code: ErrorCode | null;
  count: number;
}

/** Counts the outcomes of images in Redis, for all workers together. */
export function openOutcomeCounts(redis: RedisConnection, prefix: string) {
  const { outcomes } = recordKeys(prefix);

  /** The counts of each minute, oldest first. */
  function readMinutes(): Promise<{ at: number; counts: OutcomeCount[] }[]> {
    const current = Math.floor(nowMs() / SLOT_MS);
    const slots = Array.from({ length: SLOTS }, (_, i) => current - SLOTS + 1 + i);
    return Promise.all(
      slots.map(async (slot) => ({
        at: slot * SLOT_MS,
        counts: countsIn(await redis.hgetall(outcomes(slot))),
      })),
    );
  }

  return {
    async add(status: Status, code: ErrorCode | null): Promise<void> {
      const key = outcomes(Math.floor(nowMs() / SLOT_MS));
      const count = await redis.hincrby(key, code === null ? status : `${status} ${code}`, 1);
      // The first of a minute, with this status and code.
      if (count === 1) await redis.pexpire(key, OUTCOMES_KEPT_MS);
    },
    /** The counts of the last hour. */
    async read(): Promise<OutcomeCount[]> {
      return addUp((await readMinutes()).flatMap(({ counts }) => counts));
    },
    /** The published and failed images of each minute of the last hour, and the failed ones by code. */
    async throughput(): Promise<Throughput> {
      const minutes = await readMinutes();
      const failed = addUp(minutes.flatMap(({ counts }) => counts)).filter(
        ({ status }) => status === 'failed',
      );
      return {
        minutes: minutes.map(({ at, counts }) => ({
          at: isoTime(at),
          published: totalOf(counts, 'published'),
          failed: totalOf(counts, 'failed'),
        })),
        failures: failed
          .flatMap(({ code, count }) => (code === null ? [] : [{ code, count }]))
          .toSorted((a, b) => b.count - a.count),
      };
    },
  };
}

export type OutcomeCounts = ReturnType<typeof openOutcomeCounts>;

/** Leaves out what only a later version knows. */
function countsIn(stored: Readonly<Record<string, string>>): OutcomeCount[] {
  return Object.entries(stored).flatMap(([name, count]) => {
    const [first, second] = name.split(' ');
    const status = FINAL_STATUSES.find((known) => known === first);
    const code = ERROR_CODES.find((known) => known === second) ?? null;
    return status === undefined ? [] : [{ status, code, count: Number(count) }];
  });
}

function addUp(counts: readonly OutcomeCount[]): OutcomeCount[] {
  const sums = new Map<string, OutcomeCount>();
  for (const { status, code, count } of counts) {
    const name = `${status} ${code}`;
    sums.set(name, { status, code, count: (sums.get(name)?.count ?? 0) + count });
  }
  return [...sums.values()];
}

const totalOf = (counts: readonly OutcomeCount[], status: Status) =>
  counts.reduce((sum, one) => (one.status === status ? sum + one.count : sum), 0);
